import { describeOrganization, parentOf, unitsUnder } from "@/server/aws/organizations";
import { memberCredentials } from "@/server/aws/sts";
import { type CleanEvent, CleanRefused, clean as emptyAccount } from "@/server/cleaner/engine";
import type { Context } from "@/server/context";
import { cleanerNet } from "@/server/env";
import type { JobRun } from "@/server/jobs/registry";
import { unitsOf } from "@/server/sandboxes/units";
import { inWords } from "@/server/sandboxes/vending";

/** Runs of the cleaner, with their evidence in rows: one for an account at a time, by the database. */

/** A run whose heartbeat is older than this has lost its worker; about as long as the queue takes to run its job again. */
const staleMilliseconds = 20_000;
const beatMilliseconds = 5_000;
const flushMilliseconds = 700;

export type Target = { id: string; teamId: string; awsAccountId: string };
export type CleanupCause = "closing" | "new_account" | "by_hand";
export type CleanupWhy = { cause: CleanupCause; leaseId: string | null };
export type CleanupEnd = { cleanupId: string; state: "clean" | "dirty"; reason: string };

/** Another run is on this account; it is tried again later. */
export class CleanupBusy extends Error {
  override name = "CleanupBusy";
}

/**
 * Starts a run as a row; a run that lost its worker is ended first, and one that has not is left alone. A run on a task is
 * not judged by its heartbeat: a machine takes a while to come up, and ECS says when it is gone (tasks.ts).
 */
export async function startCleanup(
  ctx: Context,
  account: Target,
  why: CleanupWhy,
  machine: "worker" | "task",
): Promise<string> {
  const now = ctx.clock.now();
  const id = ctx.newId("cleanup");
  await ctx.db.cleanup.updateMany({
    where: {
      accountId: account.id,
      state: "running",
      machine: "worker",
      heartbeatAt: { lt: new Date(now.getTime() - staleMilliseconds) },
    },
    data: { state: "failed", reason: "The worker that ran it stopped; another took over.", endedAt: now },
  });
  const { teamId, id: accountId } = account;
  const { count } = await ctx.db.cleanup.createMany({
    data: [{ id, teamId, accountId, ...why, machine, startedAt: now, heartbeatAt: now }],
    skipDuplicates: true,
  });
  if (count === 0) throw new CleanupBusy("Another run of the cleaner is on this account");
  return id;
}

/**
 * Empties an account and stores the evidence as it comes. Ends `clean` or `dirty` with a reason; throws what should be tried
 * again (no credentials, a worker that stops).
 */
export async function runCleanup(ctx: Context, account: Target, why: CleanupWhy, run?: JobRun): Promise<CleanupEnd> {
  return continueCleanup(ctx, await startCleanup(ctx, account, why, "worker"), account, run);
}

/** The same for a run whose row is there: its own caller's, or the one that a task was started for. */
export async function continueCleanup(
  ctx: Context,
  cleanupId: string,
  account: Target,
  run?: Pick<JobRun, "signal">,
): Promise<CleanupEnd> {
  const lost = new AbortController();
  const evidence = keepEvidence(ctx, cleanupId, account.teamId, lost);
  const signal = run ? AbortSignal.any([run.signal, lost.signal]) : lost.signal;
  // Never in production: what an emulator does not have, nobody can have made in it.
  const services = ctx.env.CLEANER_SERVICES.length > 0 ? ctx.env.CLEANER_SERVICES : undefined;
  try {
    const report = await emptyAccount(
      { accountId: account.awsAccountId, credentials: memberCredentials(ctx.env, account.awsAccountId) },
      {
        mode: "run",
        minimumGapSeconds: ctx.env.CLEANER_GAP_SECONDS,
        budgetSeconds: ctx.env.CLEANER_BUDGET_SECONDS,
        // Roles of leases are not kept: the lease is over, and one that a crash left behind must go.
        protectedRoleNames: [ctx.env.ATELIER_MEMBER_ROLE],
        endpoint: ctx.env.AWS_ENDPOINT_URL,
        services,
        net: cleanerNet(ctx.env),
        signal,
        beforePass: () => stillOurs(ctx, account),
        onEvent: evidence.onEvent,
      },
    );
    await evidence.end();
    const state = report.outcome === "clean" && (report.complete || services) ? "clean" : "dirty";
    return await endCleanup(ctx, cleanupId, state, report.reason, { calls: report.calls, remaining: report.leftCount });
  } catch (error) {
    await evidence.end();
    if (error instanceof CleanRefused) return await endCleanup(ctx, cleanupId, "dirty", error.message, {});
    await ctx.db.cleanup.updateMany({
      where: { id: cleanupId, state: "running" },
      data: {
        state: "failed",
        reason: run?.signal.aborted ? "The worker was stopped; the run begins anew." : inWords(error),
        endedAt: ctx.clock.now(),
      },
    });
    throw error;
  }
}

async function endCleanup(
  ctx: Context,
  cleanupId: string,
  state: "clean" | "dirty",
  reason: string,
  counts: { calls?: number; remaining?: number },
): Promise<CleanupEnd> {
  const { count } = await ctx.db.cleanup.updateMany({
    where: { id: cleanupId, state: "running" },
    data: { ...counts, state, reason, endedAt: ctx.clock.now() },
  });
  if (count === 0) throw new CleanupBusy("Another worker took this run over");
  return { cleanupId, state, reason };
}

/** Guards each pass: the row still says that it is being cleaned, and AWS that it is the team's and no management account. */
async function stillOurs(ctx: Context, account: Target): Promise<void> {
  const row = await ctx.db.sandboxAccount.findUnique({ where: { id: account.id }, include: { team: true } });
  if (row?.state !== "cleaning") throw new Error("The account is not to be cleaned any more");
  const units = unitsOf(row.team);
  if (!units) throw new Error("The team's organizational units are not set up");
  const [parent, { managementAccountId }] = await Promise.all([
    parentOf(ctx.env, account.awsAccountId),
    describeOrganization(ctx.env),
  ]);
  if (managementAccountId === account.awsAccountId)
    throw new CleanRefused("management_account", "This is the management account of the Organization.");
  const { profiles, ...own } = units;
  const known = new Set([...Object.values(own), ...Object.values(profiles)]);
  if (known.has(parent)) return;
  const below = (await Promise.all(Object.values(own).map((unit) => unitsUnder(ctx.env, unit)))).flat();
  if (!below.some((unit) => unit.id === parent))
    throw new CleanRefused("account_mismatch", "The account is no longer in the team's organizational unit.");
}

type ResourceEvent = Extract<CleanEvent, { kind: "resource" }>;
type CellEvent = Extract<CleanEvent, { kind: "cell_ended" }>;

/** "ec2/instance": two services have an instance, and evidence of one must not stand for the other's. */
const fullType = (event: { service: string; type: string }) => `${event.service}/${event.type}`;

/** Writes what a run tells in small batches, and its heartbeat; ends the run where the row is no longer its own. */
function keepEvidence(ctx: Context, cleanupId: string, teamId: string, lost: AbortController) {
  const cells: CellEvent[] = [];
  const resources = new Map<string, ResourceEvent>();
  const counts = { pass: 1, found: 0, removed: 0, unknown: 0, remaining: 0 };
  let head: { regions?: string[]; checksPerPass?: number } = {};
  let lastBeat = performance.now();
  let writing: Promise<void> = Promise.resolve();

  const flush = async () => {
    const due = performance.now() - lastBeat > beatMilliseconds;
    const empty = cells.length === 0 && resources.size === 0 && Object.keys(head).length === 0;
    if (empty && !due) return;
    lastBeat = performance.now();
    const data = { ...head, ...counts, heartbeatAt: ctx.clock.now() };
    head = {};
    const [someCells, some] = [cells.splice(0), [...resources.values()]];
    resources.clear();
    const { count } = await ctx.db.cleanup.updateMany({ where: { id: cleanupId, state: "running" }, data });
    if (count === 0) return lost.abort(new CleanupBusy("Another worker took this run over"));
    await storeCells(ctx, cleanupId, teamId, someCells);
    await storeResources(ctx, cleanupId, teamId, some);
  };
  // One write after another; a failed one ends the run, since evidence would be missing.
  const next = () => {
    writing = writing.then(flush).catch((error: unknown) => lost.abort(error));
  };
  const timer = setInterval(next, flushMilliseconds);
  return {
    onEvent: (event: CleanEvent) => {
      if (event.kind === "run_started") head.regions = event.regions;
      if (event.kind === "pass_started") {
        head.checksPerPass = event.cells;
        counts.pass = event.pass;
        counts.unknown = 0;
        counts.remaining = 0;
      }
      if (event.kind === "cell_ended") {
        cells.push(event);
        if (event.outcome === "unknown") counts.unknown += 1;
        if (event.outcome === "found") counts.remaining += event.count;
      }
      if (event.kind === "resource") {
        resources.set(`${fullType(event)} ${event.region} ${event.id}`, event);
        if (event.outcome === "removed") {
          counts.removed += 1;
          counts.remaining = Math.max(0, counts.remaining - 1);
        }
      }
      if (event.kind === "pass_ended") {
        // What a later pass finds again was found before.
        counts.found = Math.max(counts.found, event.pass === 1 ? event.found : counts.removed + event.left);
        counts.remaining = event.left;
      }
    },
    end: async () => {
      clearInterval(timer);
      next();
      await writing;
    },
  };
}

async function storeCells(ctx: Context, cleanupId: string, teamId: string, cells: readonly CellEvent[]): Promise<void> {
  if (cells.length === 0) return;
  await ctx.db.cleanupCheck.createMany({
    data: cells.map((cell) => ({
      cleanupId,
      teamId,
      pass: cell.pass,
      service: cell.service,
      type: fullType(cell),
      region: cell.region,
      outcome: cell.outcome === "unknown" ? "UNKNOWN" : cell.outcome,
      count: cell.count,
      reason: cell.error,
    })),
    skipDuplicates: true,
  });
}

async function storeResources(ctx: Context, cleanupId: string, teamId: string, all: readonly ResourceEvent[]) {
  if (all.length === 0) return;
  const types = all.map(fullType);
  const column = <K extends "region" | "id" | "outcome">(key: K) => all.map((event) => event[key]);
  const reasons = all.map((event) => event.reason ?? null);
  const passes = all.map((event) => event.pass);
  await ctx.db.$executeRaw`
    INSERT INTO "CleanupResource" ("cleanupId", "teamId", "type", "region", "resourceId", "pass", "outcome", "reason")
    SELECT ${cleanupId}, ${teamId}, t.* FROM unnest(${types}::text[], ${column("region")}::text[],
      ${column("id")}::text[], ${passes}::int[], ${column("outcome")}::text[], ${reasons}::text[]) AS t
    ON CONFLICT ("cleanupId", "type", "region", "resourceId")
    DO UPDATE SET "pass" = EXCLUDED."pass", "outcome" = EXCLUDED."outcome", "reason" = EXCLUDED."reason"`;
}
