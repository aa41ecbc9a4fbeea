import { parseArgs } from "node:util";
import { UsageError } from "@/server/cleaner/command-io";

/** What may be typed after `npm run cleaner --`, and what it means. */

export const help = `Usage: npm run cleaner -- <command> [options]

  plan                   Lists what would be removed, and what stays and why. Makes no write call
  run                    Removes it, and proves that nothing is left
  status                 What is known of the accounts: last run from here, a run under way, access that is out
  credentials generate   Makes short-lived access to an account; its secrets are shown once
  credentials revoke     Takes away what generate made, and proves that it is refused

Which accounts
    --account ID         The account, 12 digits; may be given again
    --organization       Every active member account of the Organization; never the management account
    --ou ID              Every active member account under this unit; may be given again
    --parallel N         This many accounts at the same time (default: 4)
    --role NAME          The role to assume in the account (default: OrganizationAccountAccessRole)

plan and run
    --region NAME        Only this region, and the global services; may be given again (default: all enabled)
    --service NAME       Only this service, e.g. s3; may be given again (default: all)
    --budget SECONDS     After this the run of an account ends, and says what is left (default: 3600)
plan
    --out FILE           Writes the plan to a file that run takes: signed, and good for a while
    --expires SECONDS    How long that is (default: 3600)
run
    --plan FILE          Removes in the accounts, regions and services of this plan; asks nothing more
    --yes ID             In place of typing the account's name: its id; with --ou the unit's id, with
                         --organization that of the root (r-…). May be given again
    --gap SECONDS        Between the last deletion and the second proving pass (default: 60)
    --net off|used|all   Where the Cloud Control API is asked last for what no service file knows: nowhere, in the home
                         region and where something was found, or in all (default: used; off with AWS_ENDPOINT_URL)
credentials
    --hours N            How long the access is good (default: 1; at most 12, with --user 168)
    --user               generate: an IAM user with a password and keys, in place of a role's session
    --sessions-of ROLE   revoke: also ends every session of this role that was issued until now

    --json               The report as JSON on standard output; progress goes to standard error
    --help               Shows this

Credentials are those of the environment (AWS_ACCESS_KEY_ID …, or what the SDK finds); AWS_ENDPOINT_URL leads to an emulator.
ATELIER_CLEANER_STATE is the folder for records and the key of plans (default: ~/.local/state/atelier-cleaner);
ATELIER_CLEANER_KEY is used in place of that key, e.g. where plan and run are on different machines.

Exit codes: 0 clean, done, or a plan that found nothing; 1 something is left, a list got no answer, or a revocation is not
proved; 2 wrong command, option or setting; 3 refused by a guard; 4 could not be run to its end. Of several accounts the
highest counts.
`;

const options = {
  account: { type: "string", multiple: true },
  organization: { type: "boolean" },
  ou: { type: "string", multiple: true },
  parallel: { type: "string" },
  region: { type: "string", multiple: true },
  service: { type: "string", multiple: true },
  role: { type: "string" },
  out: { type: "string" },
  expires: { type: "string" },
  plan: { type: "string" },
  yes: { type: "string", multiple: true },
  gap: { type: "string" },
  net: { type: "string" },
  budget: { type: "string" },
  hours: { type: "string" },
  user: { type: "boolean" },
  "sessions-of": { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const everywhere = ["account", "organization", "ou", "role", "json", "parallel"];
const commands = {
  plan: [...everywhere, "region", "service", "budget", "out", "expires"],
  run: [...everywhere, "region", "service", "budget", "plan", "yes", "gap", "net"],
  status: everywhere,
  "credentials generate": [...everywhere, "hours", "user"],
  "credentials revoke": [...everywhere, "sessions-of"],
} as const;

type Reach = "off" | "used" | "all";

/** What was typed, checked as far as that goes without a call. */
export type Asked = {
  command: keyof typeof commands;
  accounts: string[];
  organization: boolean;
  units: string[];
  parallel: number;
  regions?: string[];
  services?: string[];
  /** Undefined where none was named. */
  role?: string;
  out?: string;
  expiresSeconds: number;
  planFile?: string;
  yes: string[];
  gapSeconds: number;
  /** Undefined where it was not said. */
  net?: Reach;
  budgetSeconds: number;
  hours: number;
  user: boolean;
  sessionsOf?: string;
  json: boolean;
};

export const defaultRole = "OrganizationAccountAccessRole";

/** Reads what was typed, or throws `UsageError` with what is wrong about it. */
export function readArguments(args: readonly string[]): Asked | "help" {
  const { values, positionals } = parse(args);
  if (values.help) return "help";
  const command = commandOf(positionals);
  for (const name of Object.keys(values)) {
    if (!(commands[command] as readonly string[]).includes(name)) {
      throw new UsageError(`--${name} is not an option of ${command}.`);
    }
  }
  const asked: Asked = {
    command,
    accounts: [...new Set(values.account ?? [])],
    organization: values.organization ?? false,
    units: [...new Set(values.ou ?? [])],
    parallel: number("--parallel", values.parallel ?? "4", { whole: true, from: 1, to: 50 }),
    regions: values.region,
    services: values.service,
    role: values.role,
    out: values.out,
    expiresSeconds: number("--expires", values.expires ?? "3600", { from: 1, to: 7 * 86_400 }),
    planFile: values.plan,
    yes: values.yes ?? [],
    net: reach(values.net),
    gapSeconds: number("--gap", values.gap ?? "60", { from: 0 }),
    budgetSeconds: number("--budget", values.budget ?? "3600", { from: 0 }),
    hours: number("--hours", values.hours ?? "1", { whole: true, from: 1, to: values.user ? 168 : 12 }),
    user: values.user ?? false,
    sessionsOf: values["sessions-of"],
    json: values.json ?? false,
  };
  checkAccounts(asked);
  return asked;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function commandOf(words: readonly string[]): Asked["command"] {
  const typed = words.join(" ");
  if (typed === "credentials") throw new UsageError("Say what to do with credentials: generate or revoke.");
  if (typed === "")
    throw new UsageError("Say what to do: plan, run, status, credentials generate or credentials revoke.");
  for (const command of Object.keys(commands) as Asked["command"][]) if (command === typed) return command;
  throw new UsageError(`There is no command "${typed}".`);
}

function reach(text: string | undefined): Reach | undefined {
  if (text === undefined || text === "off" || text === "used" || text === "all") return text;
  throw new UsageError("--net takes off, used or all.");
}

function checkAccounts(asked: Asked): void {
  for (const id of asked.accounts) {
    if (!/^\d{12}$/.test(id)) throw new UsageError("--account takes an account's id, 12 digits.");
  }
  for (const id of asked.units) {
    if (!/^ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}$/.test(id))
      throw new UsageError("--ou takes a unit's id, such as ou-abcd-12345678.");
  }
  const ways = [asked.accounts.length > 0, asked.organization, asked.units.length > 0].filter(Boolean).length;
  if (ways > 1) throw new UsageError("Take one of --account, --organization and --ou.");
  if (asked.planFile !== undefined) {
    if (asked.organization || asked.units.length > 0) throw new UsageError("A plan file names its accounts itself.");
    if (asked.regions || asked.services || asked.role || asked.yes.length > 0) {
      throw new UsageError(
        "A plan file says which regions, services and role: leave --region, --service, --role and --yes.",
      );
    }
    return;
  }
  if (ways === 0 && asked.command !== "status") {
    throw new UsageError("Say which accounts: --account ID, --ou ID or --organization.");
  }
}

function number(name: string, text: string, limits: { whole?: boolean; from: number; to?: number }): number {
  const value = Number(text);
  const { from, to = Number.MAX_SAFE_INTEGER } = limits;
  const bad = !Number.isFinite(value) || value < from || value > to || text.trim() === "";
  if (bad || (limits.whole && !Number.isInteger(value))) {
    const range = limits.to === undefined ? `${from} or more` : `from ${from} to ${to}`;
    throw new UsageError(`${name} takes a ${limits.whole ? "whole number" : "number of seconds"}, ${range}.`);
  }
  return value;
}
