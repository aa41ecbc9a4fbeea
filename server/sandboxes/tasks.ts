import type { Cleanup } from "@/prisma/generated/client";
import { startTask, stopTask, type TaskState, taskState } from "@/server/aws/ecs";
import type { Context } from "@/server/context";
import {
  CleanupBusy,
  type CleanupEnd,
  type CleanupWhy,
  continueCleanup,
  startCleanup,
  type Target,
} from "@/server/sandboxes/cleanup-run";

/**
 * A run of the cleaner on a machine of its own: a task of ECS that runs this same code on this same database and ends itself.
 * The worker only asks for it and looks at it, each time in a job of its own. One run for an account at a time is the
 * database's doing, as everywhere.
 *
 * The row tells where it stands: `running` without `taskArn` waits for a machine; with it, a machine is coming up or at work;
 * ended without `taskStoppedAt`, the machine is not yet seen to be gone.
 */

/** Seconds until the job should look again. */
export type Later = { later: number };

const lookSeconds = 15;
/** Machines that may be lost before the account is set aside. */
const losses = 3;
/** Longer than its budget a machine does not run: it ends itself first, and is stopped if it does not. */
const ownMarginSeconds = 600;
const stopMarginSeconds = 1_200;

/** Growing pauses between two tries to get a machine, in seconds: 15 s at first, 10 minutes at most. */
export function capacityPause(tries: number): number {
  return Math.min(600, 15 * 2 ** Math.min(tries, 10));
}

/** Whether an account is cleaned on a task: by the setting, or because a task is on it already. */
export async function runsOnTask(ctx: Context, account: Target): Promise<boolean> {
  const open = await ctx.db.cleanup.findFirst({
    where: { accountId: account.id, machine: "task", state: "running" },
    select: { id: true, taskArn: true },
  });
  if (!open) return ctx.env.ATELIER_CLEANER_MACHINE === "task";
  if (open.taskArn || ctx.env.ATELIER_CLEANER_MACHINE === "task") return true;
  // It still waits for a machine that nobody asks for any more.
  await endRow(ctx, open.id, "It waited for a machine; the worker cleans the account instead.");
  return false;
}

/**
 * Brings the run of an account on a task one step further: asks for a machine, looks at it, and answers how the run ended
 * once ECS says that the machine is gone. A lack of capacity is waited for and never held against the account; a machine that
 * stops before the run has ended is replaced, up to a bound. Can run twice.
 */
export async function cleanOnTask(ctx: Context, account: Target, why: CleanupWhy): Promise<CleanupEnd | Later> {
  const last = await lastRun(ctx, account, why);
  if (!last || isOver(last)) {
    await startCleanup(ctx, account, why, "task");
    return cleanOnTask(ctx, account, why);
  }
  if (last.leaseId !== why.leaseId) throw new CleanupBusy("Another run of the cleaner is on this account");
  if (!last.taskArn) return askForMachine(ctx, last);
  if (last.taskStoppedAt) return endOf(last);
  const task = await taskState(ctx.env, last.taskArn);
  if (task.kind === "running") return wait(ctx, last, last.taskArn);
  if (task.neverPlaced && last.state === "running" && !last.claimedAt) return waitForMachine(ctx, last, task.reason);
  await recordStop(ctx, last, task, why);
  return cleanOnTask(ctx, account, why);
}

/** A run that came to nothing, whose machine is gone or was never asked for. */
const isOver = (row: Cleanup) =>
  row.state === "failed" && (row.taskStoppedAt !== null || (row.taskArn === null && row.claimedAt === null));

/** The latest run on a task since the account came here; one that is running counts whatever it is for. */
async function lastRun(ctx: Context, account: Target, why: CleanupWhy): Promise<Cleanup | null> {
  const { stateSince } = await ctx.db.sandboxAccount.findUniqueOrThrow({ where: { id: account.id } });
  const runs = [{ state: "running" as const }, { leaseId: why.leaseId, startedAt: { gte: stateSince } }];
  return ctx.db.cleanup.findFirst({
    where: { accountId: account.id, machine: "task", OR: runs },
    orderBy: [{ startedAt: "desc" }, { id: "desc" }],
  });
}

function endOf(row: Cleanup): CleanupEnd {
  if (row.state !== "clean" && row.state !== "dirty") throw new CleanupBusy("The run has not ended");
  return { cleanupId: row.id, state: row.state, reason: row.reason ?? "It was not found to be empty." };
}

async function askForMachine(ctx: Context, row: Cleanup): Promise<Later> {
  // A token for each definite answer: asked twice after a crash, ECS answers with the task that is there.
  const token = `${row.id}-${row.taskTries}`;
  const answer = await startTask(ctx.env, { token, command: taskCommand(row.id) }).catch(async (error: unknown) => {
    // Nothing that waiting helps: the row is given back, so that the next try, or a member, begins anew.
    await endRow(ctx, row.id, "No machine could be started.", { taskStoppedAt: ctx.clock.now() });
    throw error;
  });
  if (answer.kind === "later") return waitForMachine(ctx, row, answer.reason);
  if (answer.kind === "unsure") return { later: lookSeconds };
  const now = ctx.clock.now();
  const fresh = row.claimedAt ? {} : { startedAt: now, heartbeatAt: now };
  await ctx.db.cleanup.updateMany({
    where: { id: row.id, taskArn: null },
    data: { taskArn: answer.arn, taskStopReason: null, ...fresh },
  });
  return { later: lookSeconds };
}

/** What the machine is told to do: see `server/jobs/worker.ts`. */
function taskCommand(cleanupId: string): string[] {
  return ["node", "dist/worker.mjs", "clean-account", cleanupId];
}

async function waitForMachine(ctx: Context, row: Cleanup, reason: string): Promise<Later> {
  await ctx.db.cleanup.updateMany({
    where: { id: row.id, state: "running", claimedAt: null, taskTries: row.taskTries },
    data: {
      taskArn: null,
      taskTries: { increment: 1 },
      taskStopReason: reason.slice(0, 300),
      heartbeatAt: ctx.clock.now(),
    },
  });
  return { later: capacityPause(row.taskTries) };
}

/** The machine is at work, or has not gone yet. One that outstays its budget by far is stopped. */
async function wait(ctx: Context, row: Cleanup, arn: string): Promise<Later> {
  const now = ctx.clock.now();
  const seconds = (now.getTime() - row.startedAt.getTime()) / 1000;
  if (seconds > ctx.env.CLEANER_BUDGET_SECONDS + stopMarginSeconds)
    await stopTask(ctx.env, arn, "Atelier: it ran longer than its budget");
  // Until the machine has taken the run up, the row's heartbeat is the worker's.
  await ctx.db.cleanup.updateMany({
    where: { id: row.id, state: "running", claimedAt: null },
    data: { heartbeatAt: now },
  });
  return { later: lookSeconds };
}

type Stopped = Extract<TaskState, { kind: "stopped" }>;

/** ECS says that the machine is gone: that is written down, and a run that had not ended is lost. */
async function recordStop(ctx: Context, row: Cleanup, task: Stopped, why: CleanupWhy): Promise<void> {
  const stop = { taskStoppedAt: task.at ?? ctx.clock.now(), taskStopReason: task.reason.slice(0, 300) };
  let end = {};
  if (row.state === "running" || row.state === "failed") {
    const enough = (await lostMachines(ctx, row, why)) + 1 >= losses;
    const lost = `Its machine stopped before the run had ended (${task.reason.slice(0, 200)}).`;
    const reason = row.state === "failed" && row.reason ? row.reason : lost;
    end = {
      state: enough ? "dirty" : "failed",
      reason: enough ? `${reason} It was the third machine in a row.` : reason,
      endedAt: row.endedAt ?? ctx.clock.now(),
    };
  }
  // Where the run came to its own end meanwhile, the next look sees that.
  await ctx.db.cleanup.updateMany({ where: { id: row.id, state: row.state }, data: { ...stop, ...end } });
}

/** Failed runs on tasks since the account came here, besides this one. */
async function lostMachines(ctx: Context, row: Cleanup, why: CleanupWhy): Promise<number> {
  const { stateSince } = await ctx.db.sandboxAccount.findUniqueOrThrow({ where: { id: row.accountId } });
  return ctx.db.cleanup.count({
    where: {
      id: { not: row.id },
      accountId: row.accountId,
      machine: "task",
      state: "failed",
      taskArn: { not: null },
      leaseId: why.leaseId,
      startedAt: { gte: stateSince },
    },
  });
}

/** Ends a run that is still `running`; one that ended meanwhile keeps its own end. */
async function endRow(ctx: Context, id: string, reason: string, more: { taskStoppedAt?: Date } = {}): Promise<void> {
  const data = { ...more, state: "failed" as const, reason, endedAt: ctx.clock.now() };
  await ctx.db.cleanup.updateMany({ where: { id, state: "running" }, data });
}

/**
 * On the machine itself: takes up the run that it was started for and does it. Exactly one process can take a run up; another
 * one answers false and has nothing to do.
 */
export async function cleanOnThisMachine(
  ctx: Context,
  input: { cleanupId: string },
  run: { signal: AbortSignal },
): Promise<boolean> {
  const now = ctx.clock.now();
  const { count } = await ctx.db.cleanup.updateMany({
    where: { id: input.cleanupId, machine: "task", state: "running", claimedAt: null },
    data: { claimedAt: now, heartbeatAt: now },
  });
  if (count === 0) return false;
  const { account } = await ctx.db.cleanup.findUniqueOrThrow({
    where: { id: input.cleanupId },
    include: { account: true },
  });
  await continueCleanup(ctx, input.cleanupId, account, run);
  return true;
}

/** What a run says about its machine, for people; null where it ran in the worker. */
export function machineNote(
  row: Pick<Cleanup, "machine" | "state" | "taskArn" | "taskTries" | "taskStopReason" | "taskStoppedAt" | "claimedAt">,
): string | null {
  if (row.machine !== "task") return null;
  if (row.taskStoppedAt)
    return `On a machine of its own, which has stopped (${row.taskStopReason ?? "no reason given"})`;
  if (row.state !== "running") return "On a machine of its own, which is not yet seen to have stopped";
  if (row.claimedAt) return "On a machine of its own";
  if (row.taskArn) return "A machine of its own is coming up";
  const tries = row.taskTries === 1 ? "1 try" : `${row.taskTries} tries`;
  return row.taskTries === 0 ? "Waits for a machine" : `Waits for a machine after ${tries}: ${row.taskStopReason}`;
}

/** After this a machine ends whatever it does, in milliseconds. */
export function machineDeadline(ctx: Context): number {
  return (ctx.env.CLEANER_BUDGET_SECONDS + ownMarginSeconds) * 1_000;
}
