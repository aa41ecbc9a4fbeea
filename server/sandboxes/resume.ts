import { roleExists } from "@/server/aws/iam";
import { inMember } from "@/server/aws/sts";
import type { Context } from "@/server/context";
import { enqueue, enqueueAll } from "@/server/jobs/queue";
import { moveAccountRow, serveWaitingWorkshops } from "@/server/sandboxes/accounts";
import { resumeStacks } from "@/server/sandboxes/stacks";
import { inWords, restoreAccess } from "@/server/sandboxes/vending";

/** What stands still is started again: jobs can be lost with the queue, and an emulator forgets when it stops. */

/** Nothing that is under way stands this long without a heartbeat or a new try. */
const stuckMilliseconds = 15 * 60_000;

/** Starts a team's stuck leases and cleanups again; with `cloud`, makes missing roles of ready leases. Answers how many. */
export async function resumeStuck(ctx: Context, input: { teamId: string; cloud: boolean }): Promise<number> {
  const before = new Date(ctx.clock.now().getTime() - stuckMilliseconds);
  const restored = input.cloud ? await restoreRoles(ctx, input.teamId) : 0;
  const counts = [
    restored,
    await resumeVending(ctx, input.teamId, before),
    await resumeStacks(ctx, input.teamId, before),
    await resumeTakingBack(ctx, input.teamId, before),
    await resumeCleaning(ctx, input.teamId, before),
  ];
  return counts.reduce((sum, count) => sum + count, 0);
}

async function restoreRoles(ctx: Context, teamId: string): Promise<number> {
  const leases = await ctx.db.lease.findMany({
    where: { teamId, state: "ready" },
    select: { id: true, roleName: true, account: { select: { awsAccountId: true } } },
  });
  let restored = 0;
  for (const lease of leases) {
    try {
      const there = await inMember(ctx.env, lease.account.awsAccountId, (keys) =>
        roleExists(ctx.env, keys, lease.roleName),
      );
      if (there) continue;
      await restoreAccess(ctx, lease.id);
      restored += 1;
    } catch (error) {
      const lastError = `The access of this account could not be made again: ${inWords(error)}`;
      await ctx.db.lease.updateMany({ where: { id: lease.id, state: "ready" }, data: { lastError } });
    }
  }
  return restored;
}

async function resumeVending(ctx: Context, teamId: string, before: Date): Promise<number> {
  const leases = await ctx.db.lease.findMany({
    where: { teamId, state: "reserved", reservedAt: { lt: before } },
    select: { id: true },
  });
  const jobs = leases.map(({ id }) => ({ leaseId: id }));
  await ctx.db.$transaction((tx) => enqueueAll(ctx, tx, "sandboxes.vend", jobs));
  return jobs.length;
}

/** A failed step waits for a member; one that is pending or running for long has lost its job. */
async function resumeTakingBack(ctx: Context, teamId: string, before: Date): Promise<number> {
  const leases = await ctx.db.lease.findMany({
    where: {
      teamId,
      state: { in: ["closing", "revoked"] },
      endedAt: null,
      steps: { none: { state: "failed" } },
      NOT: { steps: { some: { OR: [{ startedAt: { gte: before } }, { endedAt: { gte: before } }] } } },
      cleanups: { none: { state: "running", heartbeatAt: { gte: before } } },
    },
    select: { id: true },
  });
  const jobs = leases.map(({ id }) => ({ leaseId: id }));
  await ctx.db.$transaction((tx) => enqueueAll(ctx, tx, "sandboxes.take-back", jobs));
  return jobs.length;
}

async function resumeCleaning(ctx: Context, teamId: string, before: Date): Promise<number> {
  const accounts = await ctx.db.sandboxAccount.findMany({
    where: {
      teamId,
      state: "cleaning",
      stateSince: { lt: before },
      leases: { none: { endedAt: null } },
      cleanups: { none: { OR: [{ state: "running", heartbeatAt: { gte: before } }, { endedAt: { gte: before } }] } },
    },
    select: { id: true },
  });
  const jobs = accounts.map(({ id }) => ({ accountId: id, cause: "by_hand" as const }));
  await ctx.db.$transaction((tx) => enqueueAll(ctx, tx, "sandboxes.clean", jobs));
  return jobs.length;
}

/** Job, every ten minutes: ends cooldowns that are over, and syncs each team that has an organization. */
export async function tickSandboxes(ctx: Context): Promise<void> {
  const now = ctx.clock.now();
  const rested = await ctx.db.sandboxAccount.findMany({ where: { state: "cooling", coolingUntil: { lte: now } } });
  for (const { id: accountId, teamId } of rested)
    await ctx.db.$transaction(async (tx) => {
      const back = await moveAccountRow(ctx, tx, { accountId, teamId, from: ["cooling"], to: "available" });
      if (back) await serveWaitingWorkshops(ctx, tx, teamId);
    });
  if (ctx.env.ATELIER_CLOUD_OFF) return;
  const teams = await ctx.db.team.findMany({ select: { id: true, organizationalUnits: true } });
  await ctx.db.$transaction(async (tx) => {
    for (const team of teams)
      if (team.organizationalUnits !== null)
        await enqueue(ctx, tx, "sandboxes.reconcile", { teamId: team.id }, { singletonKey: team.id });
  });
}
