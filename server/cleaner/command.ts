import { callerIdentity } from "@/server/aws/clients";
import { baseCredentials } from "@/server/aws/sts";
import { type Account, type Chosen, chooseAccounts, lookUp, refuseMoved, wayInto } from "@/server/cleaner/accounts";
import {
  type CommandIo,
  cloudOf,
  count,
  eachOf,
  exit,
  explain,
  GuardError,
  json,
  now,
  partitionOf,
  refuseRealAws,
  stateFolder,
  stopReason,
} from "@/server/cleaner/command-io";
import { accessOut, endAccessRecords } from "@/server/cleaner/credentials";
import { handleCredentials } from "@/server/cleaner/credentials-command";
import { clean } from "@/server/cleaner/engine";
import {
  type Drift,
  driftFrom,
  findings,
  type Plan,
  type PlannedAccount,
  readPlan,
  sayDrift,
  signingKey,
  writePlan,
} from "@/server/cleaner/plan-file";
import { type AccountProgress, type Progress, startProgress } from "@/server/cleaner/progress";
import { lock, type RunRecord, writeRun } from "@/server/cleaner/records";
import { type Result, tell } from "@/server/cleaner/report-text";
import { rememberedAccounts, statusOf, statusTable } from "@/server/cleaner/status";
import { type Asked, defaultRole, help, readArguments } from "@/server/cleaner/usage";
import type { CloudEnv } from "@/server/env";

export type { CommandIo } from "@/server/cleaner/command-io";

/** `npm run cleaner -- …`: the cleaner without web and database. docs/cleaner.md says what each command does. */

/** Runs one command and returns its exit code. */
export async function runCommand(io: CommandIo): Promise<number> {
  try {
    const asked = readArguments(io.args);
    if (asked === "help") {
      io.out(help);
      return exit.clean;
    }
    refuseRealAws(io.env);
    if (asked.command === "status") return await showStatus(io, asked);
    if (asked.command === "plan") return await planAccounts(io, asked);
    if (asked.command === "run") return await runAccounts(io, asked);
    return await handleCredentials(io, asked);
  } catch (error) {
    if (io.signal?.aborted) {
      io.err(`${stopReason(io)}: nothing was under way.\n`);
      return exit.failed;
    }
    const { code, message } = explain(error);
    io.err(`${message}\n${code === exit.usage ? "Run `npm run cleaner -- --help` for what there is.\n" : ""}`);
    return code;
  }
}

// --- plan ----------------------------------------------------------------------------------------------------------------

async function planAccounts(io: CommandIo, asked: Asked): Promise<number> {
  const role = asked.role ?? defaultRole;
  // Asked for before the plan is made: a long plan that cannot be signed would be of no use.
  const key = asked.out === undefined ? undefined : signingKey(io.env);
  const cloud = cloudOf(io, role);
  const chosen = await chooseAccounts(cloud, asked);
  saySkipped(io, chosen);
  const results = await cleanEach({ io, asked, cloud, units: [] }, chosen.accounts);
  const planned = results.flatMap((one) => one.planned ?? []);
  if (asked.out !== undefined && planned.length === 0)
    io.err(`No account could be planned: ${asked.out} was not written.\n`);
  if (asked.out !== undefined && key !== undefined && planned.length > 0) {
    const made = now(io);
    const plan: Plan = {
      kind: "atelier-cleaner-plan",
      version: 1,
      made: made.toISOString(),
      expires: new Date(made.getTime() + asked.expiresSeconds * 1_000).toISOString(),
      endpoint: cloud.AWS_ENDPOINT_URL ?? null,
      role,
      whole: !asked.regions && !asked.services,
      accounts: planned,
    };
    writePlan(asked.out, plan, key);
    io.err(`The plan of ${count(planned.length, "account")} is in ${asked.out}, good until ${plan.expires}.\n`);
  }
  return tell(io, asked, results);
}

// --- run -----------------------------------------------------------------------------------------------------------------

async function runAccounts(io: CommandIo, asked: Asked): Promise<number> {
  if (asked.planFile !== undefined) return runPlanned(io, asked, asked.planFile);
  const cloud = cloudOf(io, asked.role ?? defaultRole);
  const chosen = await chooseAccounts(cloud, asked);
  saySkipped(io, chosen);
  await confirm(io, asked, chosen);
  return tell(io, asked, await cleanEach({ io, asked, cloud, units: asked.units }, chosen.accounts));
}

async function runPlanned(io: CommandIo, asked: Asked, file: string): Promise<number> {
  const plan = readPlan(file, signingKey(io.env), now(io), io.env.AWS_ENDPOINT_URL);
  const stranger = asked.accounts.find((id) => !plan.accounts.some((one) => one.id === id));
  if (stranger) {
    const others = plan.accounts.map(({ id }) => id).join(", ");
    throw new GuardError(`The plan in ${file} is for ${others}, not for account ${stranger}.`);
  }
  const wanted = plan.accounts.filter(({ id }) => asked.accounts.length === 0 || asked.accounts.includes(id));
  const cloud = cloudOf(io, plan.role);
  const { accounts } = await chooseAccounts(cloud, { ...asked, accounts: wanted.map(({ id }) => id) });
  return tell(io, asked, await cleanEach({ io, asked, cloud, plan, units: [] }, accounts));
}

/** A person types the name of each account, or the id of each unit or the root; or `--yes` gives the ids. */
async function confirm(io: CommandIo, asked: Asked, chosen: Chosen): Promise<void> {
  const things = chosen.scopes ? scopesToConfirm(chosen, chosen.scopes) : chosen.accounts.map(accountToConfirm);
  const given = new Set(asked.yes.map((one) => one.trim()));
  for (const { id, what, word, type } of things) {
    if (given.has(id)) continue;
    if (given.size > 0) throw new GuardError(`--yes does not name ${id}: nothing was done.`);
    const typed = await io.ask?.(`Everything in ${what} will be removed. Type ${type} to go on: `);
    if (typed === undefined) throw new GuardError(`Nobody is there to confirm: pass --yes ${id}, or a plan file.`);
    if (typed.trim() !== word) throw new GuardError(`That is not ${type}: nothing was done.`);
  }
}

/** `id` is what `--yes` takes, `word` what is typed. */
type Confirmation = { id: string; what: string; word: string; type: string };

function accountToConfirm({ id, name }: Account): Confirmation {
  if (name === null) return { id, what: `account ${id}`, word: id, type: "its id (its name cannot be read)" };
  return { id, what: `account ${id} (${name})`, word: name, type: "the account's name" };
}

function scopesToConfirm({ accounts }: Chosen, scopes: readonly string[]): Confirmation[] {
  const what = `all ${count(accounts.length, "account")} under ${scopes.join(", ")}`;
  return scopes.map((id) => ({ id, what, word: id, type: id }));
}

function saySkipped(io: CommandIo, { skipped }: Chosen): void {
  for (const { id, name, reason } of skipped) io.err(`Left out: ${id} ${name} (${reason})\n`);
}

// --- One account after another, or some at a time ------------------------------------------------------------------------

/** What all accounts of a command have in common. */
type Job = {
  io: CommandIo;
  asked: Asked;
  cloud: CloudEnv;
  /** What the run goes by. */
  plan?: Plan;
  /** Units that an account has to be under while it is cleaned. */
  units: readonly string[];
};

/** A job that goes on. */
type Going = Job & {
  progress: Progress;
  /** Accounts that roles kept by their name may trust. */
  trusted: string[];
};

async function cleanEach(job: Job, accounts: readonly Account[]): Promise<Result[]> {
  const { io, asked, cloud } = job;
  const mode = asked.command === "plan" ? "plan" : "run";
  const { gapSeconds, budgetSeconds, parallel } = asked;
  const live = io.terminal && !asked.json;
  const progress = startProgress(io, { mode, gapSeconds, budgetSeconds, accounts: accounts.length, parallel, live });
  try {
    const place = { region: cloud.AWS_REGION, endpoint: cloud.AWS_ENDPOINT_URL };
    const base = await callerIdentity({ ...place, credentials: baseCredentials(cloud) });
    const going = { ...job, progress, trusted: [base.accountId] };
    const results = await eachOf(accounts, parallel, io.signal, (account) => cleanOne(going, account));
    const begun = new Set(results.map(({ account }) => account.id));
    for (const account of accounts.filter(({ id }) => !begun.has(id))) {
      results.push({ account, code: exit.failed, error: `${stopReason(io)}: not begun` });
    }
    return results;
  } finally {
    progress.end();
  }
}

/** Never throws: one account's failure is no other's. */
async function cleanOne(going: Going, account: Account): Promise<Result> {
  const { io, asked, cloud, progress } = going;
  const own = progress.account(account.id);
  try {
    if (asked.command === "plan") return await planOne(going, account, own);
    const unlock = lock(account.id, cloud.AWS_ENDPOINT_URL);
    try {
      sayAccessOut(going, account);
      return await recorded(going, account, () => runOne(going, account, own));
    } finally {
      unlock();
    }
  } catch (error) {
    const stopped = { code: exit.failed, message: `${stopReason(io)}: ${own.underWay()}. Run it again to finish.` };
    const { code, message } = io.signal?.aborted ? stopped : explain(error);
    return { account, code, error: message };
  } finally {
    own.end();
  }
}

async function planOne(going: Going, account: Account, own: AccountProgress): Promise<Result> {
  const { asked } = going;
  const found = findings();
  const report = await clean(target(going, account), {
    ...engineOptions(going),
    mode: "plan",
    regions: asked.regions,
    services: asked.services,
    onEvent: (event) => {
      found.tell(event);
      own.tell(event);
    },
  });
  const { regions, services } = report;
  const { kept, unknown } = { kept: report.kept.length, unknown: report.unknown.length };
  const planned = { id: account.id, name: account.name, regions, services, kept, unknown, ...found.book() };
  const code = report.leftCount === 0 && unknown === 0 ? exit.clean : exit.dirty;
  // A plan that was not made to its end is nobody's to go by.
  return report.passes.length === 0 ? { account, code: exit.dirty, report } : { account, code, report, planned };
}

async function runOne(going: Going, account: Account, own: AccountProgress): Promise<Result> {
  const { asked, plan, progress } = going;
  const planned = plan?.accounts.find(({ id }) => id === account.id);
  const narrow = plan?.whole ? undefined : planned;
  const found = findings();
  let reach = { regions: [] as string[], services: [] as string[] };
  let sincePlan: Drift | undefined;
  const report = await clean(target(going, account), {
    ...engineOptions(going),
    mode: "run",
    regions: narrow?.regions ?? asked.regions,
    services: narrow?.services ?? asked.services,
    beforePass: async () => {
      if (planned) keepWithin(planned, reach);
      await refuseMoved(going.cloud, account.id, going.units);
    },
    onEvent: (event) => {
      if (event.kind === "run_started") reach = event;
      found.tell(event);
      own.tell(event);
      if (event.kind !== "pass_ended" || event.pass !== 1 || !planned) return;
      sincePlan = driftFrom(planned, found.book());
      const said = sayDrift(sincePlan);
      if (said) progress.say(plan && plan.accounts.length > 1 ? `${account.id}  ${said}` : said);
    },
  });
  const code = report.outcome === "clean" ? exit.clean : exit.dirty;
  return { account, code, report, ...(sincePlan ? { sincePlan } : {}) };
}

/** A region that was enabled, or a service that the cleaner learned, since the plan: nobody has seen what would go there. */
function keepWithin(planned: PlannedAccount, reach: { regions: readonly string[]; services: readonly string[] }): void {
  const region = reach.regions.find((one) => !planned.regions.includes(one));
  if (region) throw new GuardError(`Region ${region} was enabled since the plan was made: make a new plan.`);
  const service = reach.services.find((one) => !planned.services.includes(one));
  if (service) throw new GuardError(`The plan was made by a cleaner without the service ${service}: make a new plan.`);
}

function target({ cloud }: Job, account: Account) {
  return {
    accountId: account.id,
    credentials: wayInto(cloud, account.id),
    partition: partitionOf(cloud.AWS_REGION),
  };
}

function engineOptions({ io, asked, cloud, plan, trusted }: Going) {
  return {
    // An emulator has no Cloud Control API; and what a plan did not show is named, not removed.
    net: { reach: asked.net ?? (cloud.AWS_ENDPOINT_URL ? "off" : "used"), removes: plan === undefined } as const,
    minimumGapSeconds: asked.gapSeconds,
    budgetSeconds: asked.budgetSeconds,
    endpoint: cloud.AWS_ENDPOINT_URL,
    // Roles that Atelier made here trust the account that the base credentials are of.
    protectedRoleNames: ["Atelier*", cloud.ATELIER_MEMBER_ROLE],
    trustedAccountIds: trusted,
    signal: io.signal,
  };
}

/** Writes the run down as it begins and as it ends. Where that cannot be written, the run goes on. */
async function recorded(going: Going, account: Account, work: () => Promise<Result>): Promise<Result> {
  const { io, asked, plan, progress } = going;
  const folder = stateFolder(io.env);
  const begun: RunRecord = {
    account: account.id,
    name: account.name,
    mode: "run",
    pid: process.pid,
    started: now(io).toISOString(),
    ended: null,
    outcome: null,
    complete: plan ? plan.whole : !asked.regions && !asked.services,
    left: null,
    reason: null,
  };
  const write = (run: RunRecord) => {
    try {
      writeRun(folder, run);
    } catch (error) {
      progress.say(`This run is not written down for status: ${error instanceof Error ? error.message : error}`);
    }
  };
  write(begun);
  const end = (over: Partial<RunRecord>) => write({ ...begun, ended: now(io).toISOString(), ...over });
  try {
    const result = await work();
    const { outcome, leftCount: left = null, reason = null, complete = false } = result.report ?? {};
    end({ outcome: outcome === "clean" ? "clean" : "dirty", left, reason });
    if (outcome === "clean" && complete) endAccessRecords({ folder, now: () => now(io) }, account.id);
    return result;
  } catch (error) {
    end({ outcome: "failed", reason: io.signal?.aborted ? stopReason(io) : explain(error).message });
    throw error;
  }
}

function sayAccessOut({ io, progress }: Going, account: Account): void {
  for (const one of accessOut(stateFolder(io.env), account.id, now(io))) {
    const end = "it can make things until it is removed; credentials revoke ends it first";
    progress.say(`Access is out to ${account.id}: ${one.kind} ${one.principal} until ${one.expires}; ${end}`);
  }
}

// --- status ----------------------------------------------------------------------------------------------------------

async function showStatus(io: CommandIo, asked: Asked): Promise<number> {
  const cloud = cloudOf(io, asked.role ?? defaultRole);
  const folder = stateFolder(io.env);
  const rows = (await accountsForStatus(cloud, asked, folder)).map((account) =>
    statusOf(cloud, folder, account, now(io)),
  );
  io.out(asked.json ? json(rows) : statusTable(rows));
  return exit.clean;
}

async function accountsForStatus(cloud: CloudEnv, asked: Asked, folder: string): Promise<Account[]> {
  if (asked.accounts.length > 0) return Promise.all(asked.accounts.map((id) => lookUp(cloud, id)));
  if (!asked.organization && asked.units.length === 0) return rememberedAccounts(cloud, folder);
  const { accounts, skipped } = await chooseAccounts(cloud, asked);
  return [...accounts, ...skipped.map(({ id, name, reason }) => ({ id, name, state: reason }))];
}
