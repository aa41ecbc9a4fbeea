import { parseArgs } from "node:util";
import { type Context, makeContext } from "@/server/context";
import { database } from "@/server/db";
import { DomainError } from "@/server/errors";
import { stopQueue } from "@/server/jobs/queue";
import { setUpMail } from "@/server/mail/identity-check";
import type { SystemActor } from "@/server/permissions";
import { adoptAccounts, reconcile, setUpOrganization } from "@/server/sandboxes/sandboxes";
import { createTeam, listTeams, teamBySlug } from "@/server/teams/teams";

/** `npm run admin -- …`: what an operator does outside of the roles of a team. Every command can run twice. */

const help = `Usage: npm run admin -- <command> [options]

  team create                Makes a team with its first admin
    --name TEXT              Name of the team, e.g. "Iberia"
    --slug TEXT              Short name for commands and units, e.g. iberia
    --time-zone ZONE         IANA zone, e.g. Europe/Madrid
    --sender ADDRESS         Where its mails come from, e.g. workshops@iberia.example
    --sender-name TEXT       Name of the sender (default: the team's name)
    --locale TAG             Language of its mails (default: en)
    --admin-email ADDRESS    The first admin signs in with this address
    --admin-name TEXT        Their name
  team list                  Lists the teams

  mail set-up                Makes what tells of sent mails in SES and SNS, or what is missing of it
    --team SLUG              And makes the domain of this team's sender known to SES

  organization set-up        Makes a team's organizational units and guard rails in AWS, or what is missing of them
    --team SLUG
    --parent UNIT            Unit to make them under (default: the root of the Organization)
  organization adopt         Moves accounts that stand under the root into the team's unit; the sync takes them in
    --team SLUG
    --count NUMBER           Until the team has so many
  organization reconcile     Makes the database and AWS agree: takes new accounts in, repairs what a crash left
    --team SLUG              Only this team (default: every team that is set up)

  --help                     Shows this

Exit codes: 0 done, 1 failed, 2 wrong command or option.
`;

const options = {
  name: { type: "string" },
  slug: { type: "string" },
  "time-zone": { type: "string" },
  sender: { type: "string" },
  "sender-name": { type: "string" },
  locale: { type: "string" },
  "admin-email": { type: "string" },
  "admin-name": { type: "string" },
  team: { type: "string" },
  parent: { type: "string" },
  count: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

type Option = Exclude<keyof typeof options, "help">;
type Given = Partial<Record<Option, string>>;
type Operator = Context<SystemActor>;
type Command = { required: Option[]; optional: Option[]; run(ctx: Operator, given: Given): Promise<string[]> };

/** A mistake in what was typed. */
class UsageError extends Error {}

const commands: Record<string, Command> = {
  "team create": {
    required: ["name", "slug", "time-zone", "sender", "admin-email", "admin-name"],
    optional: ["sender-name", "locale"],
    run: makeTeam,
  },
  "team list": {
    required: [],
    optional: [],
    run: async (ctx) => (await listTeams(ctx)).map(({ slug, name, id }) => `${slug}\t${name}\t${id}`),
  },
  "mail set-up": {
    required: [],
    optional: ["team"],
    async run(ctx, { team }) {
      const teamId = team ? (await teamBySlug(ctx, team)).id : undefined;
      const { configurationSet, topicArn, domain } = await setUpMail(ctx, { teamId });
      return [
        "SES tells of mails from now on. Settings for web and worker:",
        `SES_CONFIGURATION_SET=${configurationSet}`,
        `SES_FEEDBACK_TOPIC_ARN=${topicArn}`,
        ...(domain ? [`${domain} is known to SES. Its DNS records stand in the console: Mail, "Sender".`] : []),
      ];
    },
  },
  "organization set-up": {
    required: ["team"],
    optional: ["parent"],
    async run(ctx, { team = "", parent }) {
      const { id, name } = await teamBySlug(ctx, team);
      const { units } = await setUpOrganization(ctx, { teamId: id, parentId: parent });
      return [`${name}: units and guard rails are in place under ${units.root}.`];
    },
  },
  "organization adopt": { required: ["team", "count"], optional: [], run: adopt },
  "organization reconcile": { required: [], optional: ["team"], run: reconcileTeams },
};

/** The option behind each value of a new team, to say which one is wrong. */
const optionOf: Record<string, Option> = {
  name: "name",
  slug: "slug",
  timeZone: "time-zone",
  locale: "locale",
  senderName: "sender-name",
  senderEmail: "sender",
  adminEmail: "admin-email",
  adminName: "admin-name",
};

async function makeTeam(ctx: Operator, given: Given): Promise<string[]> {
  const value = (option: Option) => given[option] ?? "";
  const { teamId, created } = await createTeam(ctx, {
    name: value("name"),
    slug: value("slug"),
    timeZone: value("time-zone"),
    locale: given.locale,
    senderName: given["sender-name"],
    senderEmail: value("sender"),
    adminEmail: value("admin-email"),
    adminName: value("admin-name"),
  });
  return [
    created
      ? `${value("name")} (${teamId}) is made.`
      : `${value("slug")} (${teamId}) was there; nothing in it was changed.`,
    `${value("admin-email")} can sign in as an admin of it.`,
  ];
}

async function adopt(ctx: Operator, { team = "", count = "" }: Given): Promise<string[]> {
  if (!/^\d{1,5}$/.test(count)) throw new UsageError("--count must be a number.");
  const { id, name } = await teamBySlug(ctx, team);
  const { moved } = await adoptAccounts(ctx, { teamId: id, count: Number(count) });
  return [`${name}: ${moved} accounts moved into its unit.`, ...(await reconcileTeam(ctx, { id, name }))];
}

async function reconcileTeams(ctx: Operator, { team }: Given): Promise<string[]> {
  const lines: string[] = [];
  for (const one of team ? [await teamBySlug(ctx, team)] : await listTeams(ctx)) {
    if (ctx.env.ATELIER_MODE !== "production") await restoreEmulator(ctx, one.id);
    lines.push(...(await reconcileTeam(ctx, one)));
  }
  return lines;
}

/** An emulator forgets when it stops: units, guard rails and the accounts' places are made again as the database knows them. */
async function restoreEmulator(ctx: Operator, teamId: string): Promise<void> {
  if (ctx.env.ATELIER_CLOUD_OFF) return;
  const { organizationalUnits } = await ctx.db.team.findUniqueOrThrow({ where: { id: teamId } });
  if (!organizationalUnits) return;
  await setUpOrganization(ctx, { teamId });
  await adoptAccounts(ctx, { teamId, count: 0 });
}

async function reconcileTeam(ctx: Operator, { id, name }: { id: string; name: string }): Promise<string[]> {
  const result = await reconcile(ctx, { teamId: id });
  if (!result) return [`${name}: no organization is set up, or there is no cloud; nothing to do.`];
  const { added, moved, quarantined, resumed, refused, problem } = result;
  if (problem) throw new DomainError("not_ready", `${name}: ${problem}`);
  return [
    `${name}: ${added} added, ${moved} moved, ${quarantined} set aside, ${resumed} started again.`,
    ...refused.map((account) => `${name}: ${account.awsAccountId} is not taken in. ${account.reason}`),
  ];
}

function read(args: string[]): { command: Command; given: Given } | "help" {
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { help: wanted, ...given } = parsed.values;
  const words = parsed.positionals.join(" ");
  if (wanted || words === "" || words === "help") return "help";
  const command = commands[words];
  if (!command) throw new UsageError(`There is no command "${words}".`);
  const missing = command.required.filter((option) => !given[option]);
  if (missing.length > 0) throw new UsageError(`${words} needs ${missing.map((option) => `--${option}`).join(", ")}.`);
  const known: string[] = [...command.required, ...command.optional];
  const other = Object.keys(given).find((option) => !known.includes(option));
  if (other) throw new UsageError(`${words} has no option --${other}.`);
  return { command, given };
}

/** What went wrong, in lines for the operator. */
function explain(error: unknown): string[] {
  if (!(error instanceof DomainError)) return [error instanceof Error ? error.message : String(error)];
  const fields = Object.entries(error.detail.fields ?? {});
  return [error.message, ...fields.map(([field, text]) => `  --${optionOf[field] ?? field}: ${text}`)];
}

/** Runs one command and returns its exit code. */
async function main(args: string[]): Promise<number> {
  try {
    const asked = read(args);
    if (asked === "help") {
      process.stdout.write(help);
      return 0;
    }
    const ctx = makeContext({ kind: "system", by: "operator" } as const);
    for (const line of await asked.command.run(ctx, asked.given)) console.log(line);
    return 0;
  } catch (error) {
    for (const line of explain(error)) console.error(line);
    if (!(error instanceof UsageError)) return 1;
    console.error("Run `npm run admin -- --help` for what there is.");
    return 2;
  }
}

const code = await main(process.argv.slice(2));
if (code === 0 || code === 1) {
  await stopQueue();
  // Help and mistyped commands need no settings, so there may be no database to close.
  await Promise.resolve()
    .then(() => database().close())
    .catch(() => undefined);
}
process.exit(code);
