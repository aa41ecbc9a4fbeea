import type { Context } from "@/server/context";
import { enqueue } from "@/server/jobs/queue";
import type { JobRun } from "@/server/jobs/registry";
import { moveAccountRow, quarantine, returnToPool } from "@/server/sandboxes/accounts";
import { CleanupBusy, type CleanupEnd, type CleanupWhy, runCleanup, type Target } from "@/server/sandboxes/cleanup-run";
import { cleanOnTask, type Later, runsOnTask } from "@/server/sandboxes/tasks";
import { placeAccount } from "@/server/sandboxes/units";
import { inWords } from "@/server/sandboxes/vending";

/** Cleaning accounts: where a run goes, and what its end does to the account. */

/** Empties an account in this worker, or on a machine of its own; `later` says when to look again. */
export async function cleanSomewhere(
  ctx: Context,
  account: Target,
  why: CleanupWhy,
  run?: JobRun,
): Promise<CleanupEnd | Later> {
  const onTask = await runsOnTask(ctx, account);
  return onTask ? cleanOnTask(ctx, account, why) : runCleanup(ctx, account, why, run);
}

/** What an unclean account's row says: what is wrong, and what to do about it. */
export function quarantineReason(reason: string): string {
  return `${reason} Look at its last cleanup for what is left and why; remove that or wait for it to go, then clean the account again.`;
}

/**
 * Job: cleans an account that no lease holds (a new one, or one that a member sent here) and returns it to the pool, or sets
 * it aside with the reason. What should be tried again is thrown; after the last try the account is set aside.
 */
export async function clean(
  ctx: Context,
  input: { accountId: string; cause: "new_account" | "by_hand" },
  run?: JobRun,
): Promise<void> {
  const account = await ctx.db.sandboxAccount.findUnique({
    where: { id: input.accountId },
    include: { leases: { where: { endedAt: null }, select: { id: true } } },
  });
  if (account?.state !== "cleaning" || account.leases.length > 0) return;
  try {
    await placeAccount(ctx, account.id);
    const end = await cleanSomewhere(ctx, account, { cause: input.cause, leaseId: null }, run);
    if ("later" in end) await lookAgain(ctx, input, end);
    else await settleAccount(ctx, account, end);
  } catch (error) {
    if (!run?.lastTry || error instanceof CleanupBusy) throw error;
    const reason = quarantineReason(`It could not be cleaned: ${inWords(error)}.`);
    await quarantine(ctx, { accountId: account.id, from: ["cleaning"], reason });
  }
}

/** A machine of its own is looked at by a job that comes again, so that no slot of the worker waits for it. */
async function lookAgain(ctx: Context, job: { accountId: string; cause: "new_account" | "by_hand" }, { later }: Later) {
  await ctx.db.$transaction((tx) => enqueue(ctx, tx, "sandboxes.clean", job, { startAfter: later }));
}

async function settleAccount(ctx: Context, account: Target, end: CleanupEnd): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    if (end.state === "clean") await returnToPool(ctx, tx, account);
    else
      await moveAccountRow(ctx, tx, {
        accountId: account.id,
        teamId: account.teamId,
        from: ["cleaning"],
        to: "quarantined",
        data: { quarantineReason: quarantineReason(end.reason) },
        detail: { cleanupId: end.cleanupId },
      });
  });
  await placeAccount(ctx, account.id);
}

/** Enqueues the cleaning of an account whose row was just moved to `cleaning`, in the same transaction. */
export async function enqueueClean(ctx: Context, tx: Parameters<typeof enqueue>[1], accountId: string): Promise<void> {
  await enqueue(ctx, tx, "sandboxes.clean", { accountId, cause: "by_hand" });
}
