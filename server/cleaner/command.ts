import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { assumedRole, type Credentials, callerIdentity, defaultCredentials } from "@/server/aws/clients";
import { type CleanEvent, CleanRefused, type CleanReport, clean } from "@/server/cleaner/engine";
import { sayError } from "@/server/cleaner/failures";

/** `npm run cleaner -- …`: the cleaner without web and database, for one account. */

const help = `Usage: npm run cleaner -- <plan|run> --account ID [options]

  plan                   Lists what would be removed, and what stays and why. Makes no write call
  run                    Removes it, and proves that nothing is left

    --account ID         The account, 12 digits
    --region NAME        Only this region, and the global services; may be given again (default: all enabled)
    --service NAME       Only this service, e.g. s3; may be given again (default: all)
    --role NAME          The role to assume in the account (default: OrganizationAccountAccessRole)
    --yes ID             For run: the account's id once more, in place of typing it
    --gap SECONDS        Between the last deletion and the second proving pass (default: 60)
    --budget SECONDS     After this the run ends, and says what is left (default: 3600)
    --json               The report as JSON on standard output; progress goes to standard error
    --help               Shows this

Credentials are those of the environment (AWS_ACCESS_KEY_ID …, or what the SDK finds); AWS_ENDPOINT_URL leads to an emulator.

Exit codes: 0 clean, or a plan that found nothing; 1 something is left, or a list got no answer; 2 wrong command or option;
3 refused by a guard; 4 could not be run to its end.
`;

/** What a command line has: its words, its settings and its way to talk. */
export type CommandIo = {
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` is a terminal, on which a line may be written over. */
  terminal: boolean;
  /** Asks a person for a line; undefined where there is nobody to ask. */
  ask?(question: string): Promise<string>;
  signal?: AbortSignal;
};

const exit = { clean: 0, dirty: 1, usage: 2, refused: 3, failed: 4 } as const;

const options = {
  account: { type: "string" },
  region: { type: "string", multiple: true },
  service: { type: "string", multiple: true },
  role: { type: "string", default: "OrganizationAccountAccessRole" },
  yes: { type: "string" },
  gap: { type: "string", default: "60" },
  budget: { type: "string", default: "3600" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** A mistake in what was typed. */
class UsageError extends Error {}

/** A rule that does not let the command act. */
class GuardError extends Error {}

type Asked = {
  mode: "plan" | "run";
  account: string;
  regions?: string[];
  services?: string[];
  role: string;
  yes?: string;
  gapSeconds: number;
  budgetSeconds: number;
  json: boolean;
};

/** Runs one command and returns its exit code. */
export async function runCommand(io: CommandIo): Promise<number> {
  try {
    const asked = read(io.args);
    if (asked === "help") {
      io.out(help);
      return exit.clean;
    }
    refuseRealAws(io.env);
    if (asked.mode === "run") await confirm(io, asked);
    const unlock = asked.mode === "run" ? lock(asked.account) : () => {};
    try {
      const report = await cleanOne(io, asked);
      io.out(asked.json ? `${JSON.stringify(report, null, 2)}\n` : summary(report));
      return exitCode(report);
    } finally {
      unlock();
    }
  } catch (error) {
    return explain(io, error);
  }
}

function explain(io: CommandIo, error: unknown): number {
  if (error instanceof UsageError) {
    io.err(`${error.message}\nRun \`npm run cleaner -- --help\` for what there is.\n`);
    return exit.usage;
  }
  const guard = error instanceof GuardError || error instanceof CleanRefused;
  io.err(`${guard && error instanceof Error ? error.message : sayError(error)}\n`);
  if (!guard) return exit.failed;
  const typed = error instanceof CleanRefused && ["unknown_region", "unknown_service"].includes(error.code);
  return typed ? exit.usage : exit.refused;
}

function read(args: readonly string[]): Asked | "help" {
  const { values, positionals } = parse(args);
  const [mode, ...rest] = positionals;
  if (values.help) return "help";
  if (mode !== "plan" && mode !== "run") throw new UsageError("Say what to do: plan or run.");
  if (rest.length > 0) throw new UsageError(`There is nothing called "${rest.join(" ")}".`);
  if (!/^\d{12}$/.test(values.account ?? "")) throw new UsageError("--account takes an account's id, 12 digits.");
  return {
    mode,
    account: values.account ?? "",
    regions: values.region,
    services: values.service,
    role: values.role,
    yes: values.yes,
    gapSeconds: seconds("--gap", values.gap),
    budgetSeconds: seconds("--budget", values.budget),
    json: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function seconds(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0 || text.trim() === "") throw new UsageError(`${name} takes seconds.`);
  return value;
}

/** The demo and the tests act on an emulator of this machine, never on AWS. */
function refuseRealAws(env: CommandIo["env"]): void {
  if (env.ATELIER_MODE !== "demo" && env.ATELIER_MODE !== "test") return;
  const loopback = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/.*)?$/;
  if (loopback.test(env.AWS_ENDPOINT_URL ?? "")) return;
  throw new GuardError(`In ${env.ATELIER_MODE} mode AWS_ENDPOINT_URL has to be an emulator on this machine.`);
}

async function confirm(io: CommandIo, asked: Asked): Promise<void> {
  const typed =
    asked.yes ?? (await io.ask?.(`Everything in account ${asked.account} will be removed. Type its id to go on: `));
  if (typed === undefined) throw new GuardError("Nobody is there to confirm: pass --yes with the account's id.");
  if (typed.trim() !== asked.account) throw new GuardError(`That is not ${asked.account}: nothing was done.`);
}

/** One run for an account on this machine. A lock whose process is gone is taken over. */
function lock(account: string): () => void {
  const path = join(tmpdir(), `atelier-cleaner-${account}.lock`);
  for (let again = false; ; again = true) {
    try {
      const file = openSync(path, "wx", 0o600);
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (again || !(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      if (isAlive(Number(readFileSync(path, "utf8")))) {
        throw new GuardError(`Account ${account} is being cleaned already, by the process whose number is in ${path}.`);
      }
      rmSync(path, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function cleanOne(io: CommandIo, asked: Asked): Promise<CleanReport> {
  const progress = asked.json || !io.terminal ? lines(io) : liveLine(io);
  const credentials = memberRole(io, asked);
  try {
    const region = io.env.AWS_REGION ?? "us-east-1";
    const endpoint = io.env.AWS_ENDPOINT_URL;
    const base = await callerIdentity({ region, credentials: defaultCredentials(region), endpoint });
    return await clean(
      { accountId: asked.account, credentials, partition: partitionOf(io.env.AWS_REGION) },
      {
        mode: asked.mode,
        regions: asked.regions,
        services: asked.services,
        minimumGapSeconds: asked.gapSeconds,
        budgetSeconds: asked.budgetSeconds,
        endpoint,
        // Roles that Atelier made here trust the account that the base credentials are of.
        protectedRoleNames: ["Atelier*", asked.role],
        trustedAccountIds: [base.accountId],
        signal: io.signal,
        onEvent: progress.tell,
      },
    );
  } finally {
    progress.end();
  }
}

/** The keys of the role in the account, assumed from those of the environment and again before they run out. */
function memberRole(io: CommandIo, asked: Asked): Credentials {
  const region = io.env.AWS_REGION ?? "us-east-1";
  return assumedRole({
    region,
    roleArn: `arn:${partitionOf(region)}:iam::${asked.account}:role/${asked.role}`,
    sessionName: "atelier-cleaner",
    credentials: defaultCredentials(region),
    endpoint: io.env.AWS_ENDPOINT_URL,
  });
}

function partitionOf(region = ""): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

function exitCode(report: CleanReport): number {
  if (report.outcome === "planned") {
    return report.leftCount === 0 && report.unknown.length === 0 ? exit.clean : exit.dirty;
  }
  return report.outcome === "clean" ? exit.clean : exit.dirty;
}

// --- Words -----------------------------------------------------------------------------------------------------------

type Progress = { tell(event: CleanEvent): void; end(): void };

/** One line for each thing that happened: for logs. */
function lines(io: CommandIo): Progress {
  return {
    tell: (event) => {
      const line = sayEvent(event);
      if (line) io.err(`${line}\n`);
    },
    end: () => {},
  };
}

/** The same lines, with the counts below them, written over as they change. */
function liveLine(io: CommandIo): Progress {
  const counts = { pass: 0, cells: 0, done: 0, found: 0, removed: 0, failed: 0, unknown: 0 };
  const clear = "\r\u001b[2K";
  const show = () => {
    const { pass, cells, done, found, removed, failed, unknown } = counts;
    const trouble = `${failed ? ` · ${failed} failed` : ""}${unknown ? ` · ${unknown} without an answer` : ""}`;
    io.err(`${clear}Pass ${pass} · ${done} of ${cells} lists · ${found} found · ${removed} removed${trouble}`);
  };
  return {
    tell: (event) => {
      if (event.kind === "pass_started") {
        Object.assign(counts, { pass: event.pass, cells: event.cells, done: 0, found: 0, removed: 0 });
        Object.assign(counts, { failed: 0, unknown: 0 });
      }
      if (event.kind === "cell_ended") counts.done++;
      if (event.kind === "cell_ended" && event.outcome === "unknown") counts.unknown++;
      if (event.kind === "resource" && event.outcome in counts) counts[event.outcome as "found"]++;
      const line = sayEvent(event);
      if (line) io.err(`${clear}${line}\n`);
      show();
    },
    end: () => io.err(clear),
  };
}

/** A line for what is worth one; the rest is in the counts. */
function sayEvent(event: CleanEvent): string | undefined {
  switch (event.kind) {
    case "run_started":
      return `Account ${event.accountId}: ${event.types} types in ${event.regions.length} regions (${event.mode})`;
    case "cell_ended":
      if (event.outcome !== "unknown") return undefined;
      return `no answer  ${event.region}  ${event.service}/${event.type}: ${event.error}`;
    case "resource":
      if (event.outcome !== "removed" && event.outcome !== "failed") return undefined;
      return `${event.outcome.padEnd(9)}  ${event.region}  ${event.service}/${event.type}  ${event.id}${event.reason ? `: ${event.reason}` : ""}`;
    case "pass_ended":
      return `Pass ${event.pass}: ${event.found} found, ${event.removed} removed, ${event.left} left, ${event.unknown} lists without an answer, ${event.seconds} s${event.note ? ` (${event.note})` : ""}`;
    default:
      return undefined;
  }
}

type Row = { region: string; service: string; type: string; id?: string; reason: string };

function table(title: string, rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map((row) => `  ${row.service}/${row.type}  ${row.region}  ${row.id ?? ""}  ${row.reason}`);
  return ["", title, ...lines.sort()];
}

function summary(report: CleanReport): string {
  const more = report.leftCount - report.left.length;
  const silent = report.unknown.map((one) => ({ ...one, reason: one.error }));
  return `${[
    ...table("Stays, by a rule:", report.mode === "plan" ? report.kept : []),
    ...table(report.mode === "plan" ? "Would be removed:" : "Left:", report.left),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...table("No answer:", silent),
    "",
    `${headline(report)} ${report.reason}. ${report.calls} calls.`,
    ...(report.complete ? [] : ["This speaks only of the regions and services that were named."]),
  ].join("\n")}\n`;
}

function headline(report: CleanReport): string {
  if (report.outcome === "planned") return "Plan:";
  return report.outcome === "clean" ? "Clean." : "Not clean.";
}
