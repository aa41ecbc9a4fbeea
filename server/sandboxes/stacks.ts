import { z } from "zod";
import { Prisma } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import {
  createStack,
  deleteStack,
  type FoundStack,
  findStack,
  reasonOf,
  type StackOutput,
  type StackPlace,
  stackFailure,
} from "@/server/aws/cloudformation";
import { kindOf } from "@/server/aws/errors";
import { inMember } from "@/server/aws/sts";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { enqueue, enqueueAll } from "@/server/jobs/queue";
import type { JobRun } from "@/server/jobs/registry";
import { allowMember } from "@/server/permissions";

/**
 * The start-up stack of a sandbox profile, made in each account once its access is there. The lease is ready meanwhile: who
 * enters early sees the environment grow. A job asks, looks again a little later, and holds nothing while it waits.
 */

/** One for an account, which has one holder at a time and is emptied between two. */
const stackName = "atelier-start";
const pollSeconds = 8;

/**
 * Plans the start-up stack of a lease that has just become ready, in the caller's transaction; nothing where its profile has
 * none, or where it is planned already.
 */
export async function planStack(ctx: Context, tx: Tx, input: { leaseId: string }): Promise<void> {
  const { count } = await tx.lease.updateMany({
    where: {
      id: input.leaseId,
      stackState: null,
      workshop: { sandboxProfile: { stackTemplate: { not: null } } },
    },
    data: { stackState: "pending" },
  });
  if (count > 0) await enqueue(ctx, tx, "sandboxes.stack", { leaseId: input.leaseId });
}

async function loadLease(ctx: Context, leaseId: string) {
  return ctx.db.lease.findUnique({
    where: { id: leaseId },
    select: {
      ...{ id: true, teamId: true, state: true, endedAt: true, frozenAt: true, stackState: true },
      account: { select: { awsAccountId: true } },
      workshop: {
        select: { sandboxProfile: { select: { regions: true, stackTemplate: true, stackParameters: true } } },
      },
    },
  });
}
type LoadedLease = NonNullable<Awaited<ReturnType<typeof loadLease>>>;

/**
 * Job: brings the start-up stack of a lease one step on, and comes again until it is made or has failed. It can run twice and
 * be cut off anywhere: what CloudFormation says counts. A stack that was left by an earlier try is deleted first.
 */
export async function makeStack(ctx: Context, input: { leaseId: string }, run?: JobRun): Promise<void> {
  const lease = await loadLease(ctx, input.leaseId);
  const template = lease?.workshop.sandboxProfile?.stackTemplate;
  const wanted = lease?.stackState === "pending" || lease?.stackState === "creating";
  if (lease?.state !== "ready" || lease.frozenAt || !wanted) return;
  if (!template) return fail(ctx, lease, "The sandbox profile has no start-up stack any more.");
  try {
    await inMember(ctx.env, lease.account.awsAccountId, (keys) => step(ctx, lease, { keys, ...placeOf(ctx, lease) }));
  } catch (error) {
    // AWS understood and does not do it, as with a template that is wrong: to ask again would not help.
    const refused = kindOf(error) === "Refused" || kindOf(error) === "AccessDenied";
    if (!refused && !run?.lastTry) throw error;
    await fail(ctx, lease, reasonOf(error));
  }
}

function placeOf(ctx: Context, lease: LoadedLease): { region: string; name: string } {
  return { region: lease.workshop.sandboxProfile?.regions[0] ?? ctx.env.AWS_REGION, name: stackName };
}

async function step(ctx: Context, lease: LoadedLease, place: StackPlace): Promise<void> {
  const found = await findStack(ctx.env, place);
  if (lease.stackState === "pending") return begin(ctx, lease, place, found);
  if (!found) return fail(ctx, lease, "The stack was deleted before it was made.");
  return follow(ctx, lease, place, found);
}

async function begin(ctx: Context, lease: LoadedLease, place: StackPlace, found: FoundStack | null): Promise<void> {
  if (found?.progress === "failed") await deleteStack(ctx.env, place);
  if (found?.progress === "failed" || found?.progress === "deleting") return comeAgain(ctx, lease);
  if (!found && !(await order(ctx, lease, place))) return;
  const { count } = await ctx.db.lease.updateMany({
    where: { id: lease.id, stackState: "pending" },
    data: { stackState: "creating", stackError: null },
  });
  if (count > 0) await comeAgain(ctx, lease);
}

/** Asks for the stack; false where the account is no longer the lease's to build in. */
async function order(ctx: Context, lease: LoadedLease, place: StackPlace): Promise<boolean> {
  const profile = lease.workshop.sandboxProfile;
  try {
    await createStack(ctx.env, place, {
      template: profile?.stackTemplate ?? "",
      parameters: parametersOf(profile?.stackParameters),
    });
  } catch (error) {
    // Another run of this job was faster.
    if (kindOf(error) !== "AlreadyExists") throw error;
  }
  const after = await ctx.db.lease.findUnique({ where: { id: lease.id }, select: { state: true } });
  if (after?.state === "ready") return true;
  // It is being taken back: nothing of ours may appear in an account that is being emptied.
  await deleteStack(ctx.env, place);
  return false;
}

/** The parameters of a profile's stack, as the column holds them. */
export function parametersOf(column: unknown): Record<string, string> {
  if (typeof column !== "object" || column === null) return {};
  return Object.fromEntries(Object.entries(column).map(([name, value]) => [name, String(value)]));
}

async function follow(ctx: Context, lease: LoadedLease, place: StackPlace, found: FoundStack): Promise<void> {
  if (found.progress === "working") return comeAgain(ctx, lease);
  if (found.progress === "deleting") return fail(ctx, lease, "The stack is being deleted.");
  if (found.progress === "failed") {
    const why = await stackFailure(ctx.env, place, found.id);
    return fail(ctx, lease, why ?? "CloudFormation gave no reason; look at the stack's events in the account.");
  }
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.lease.updateMany({
      where: { id: lease.id, stackState: "creating", state: "ready" },
      data: { stackState: "done", stackError: null, stackOutputs: found.outputs },
    });
    if (count === 0) return;
    const { id: entityId, teamId } = lease;
    const detail = { outputs: found.outputs.length };
    await audit(ctx, tx, { teamId, action: "lease.stack_made", entity: "lease", entityId, detail });
  });
}

async function comeAgain(ctx: Context, lease: LoadedLease): Promise<void> {
  await ctx.db.$transaction((tx) =>
    enqueue(ctx, tx, "sandboxes.stack", { leaseId: lease.id }, { startAfter: pollSeconds }),
  );
}

/** The reason is for staff: it may quote the template, so it is in the row and in no log and no history. */
async function fail(ctx: Context, lease: LoadedLease, why: string): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.lease.updateMany({
      where: { id: lease.id, stackState: { in: ["pending", "creating"] } },
      data: { stackState: "failed", stackError: why.slice(0, 1_000) },
    });
    if (count === 0) return;
    const { id: entityId, teamId } = lease;
    await audit(ctx, tx, { teamId, action: "lease.stack_failed", entity: "lease", entityId });
  });
}

/**
 * Makes failed start-up stacks again: one lease's, or all of a workshop's. What is left of the failed one is deleted first.
 * Answers how many are tried.
 */
export async function retryStacks(
  ctx: Context,
  input: { workshopId: string; leaseId?: string },
): Promise<{ stacks: number }> {
  const { teamId } = allowMember(ctx.actor, "sandbox.lease");
  const { workshopId, leaseId } = input;
  const workshop = await ctx.db.workshop.findFirst({ where: { id: workshopId, teamId }, select: { id: true } });
  if (!workshop) throw notFound("workshop");
  return ctx.db.$transaction(async (tx) => {
    const again = await tx.lease.updateManyAndReturn({
      where: { teamId, workshopId, ...(leaseId ? { id: leaseId } : {}), state: "ready", stackState: "failed" },
      data: { stackState: "pending", stackError: null, stackOutputs: Prisma.DbNull },
      select: { id: true },
    });
    if (again.length === 0) throw new DomainError("conflict", "No start-up stack is failed now.");
    for (const { id: entityId } of again)
      await audit(ctx, tx, { teamId, action: "lease.stack_retried", entity: "lease", entityId });
    await enqueueAll(
      ctx,
      tx,
      "sandboxes.stack",
      again.map(({ id }) => ({ leaseId: id })),
    );
    return { stacks: again.length };
  });
}

/** Gives a job to the start-up stacks that stand still: those under way whose lease is ready for longer than `before`. */
export async function resumeStacks(ctx: Context, teamId: string, before: Date): Promise<number> {
  const leases = await ctx.db.lease.findMany({
    where: {
      ...{ teamId, state: "ready", frozenAt: null, readyAt: { lt: before } },
      stackState: { in: ["pending", "creating"] },
    },
    select: { id: true },
  });
  const jobs = leases.map(({ id }) => ({ leaseId: id }));
  await ctx.db.$transaction((tx) => enqueueAll(ctx, tx, "sandboxes.stack", jobs));
  return jobs.length;
}

const outputsColumn = z.array(z.object({ key: z.string(), value: z.string(), description: z.string() })).catch([]);

/** The outputs of a start-up stack as the column holds them, for its holder's eyes alone. */
export function outputsOf(column: unknown): StackOutput[] {
  return outputsColumn.parse(column ?? []);
}

/** What the start-up stacks of the member's own accounts in a workshop answered, by lease. */
export async function ownStackOutputs(
  ctx: Context,
  input: { workshopId: string },
): Promise<{ leaseId: string; outputs: StackOutput[] }[]> {
  const { teamId, memberId } = allowMember(ctx.actor, "sandbox.lease");
  const leases = await ctx.db.lease.findMany({
    where: { ...{ teamId, memberId, workshopId: input.workshopId }, state: "ready", stackState: "done" },
    select: { id: true, stackOutputs: true },
  });
  return leases.map(({ id, stackOutputs }) => ({ leaseId: id, outputs: outputsOf(stackOutputs) }));
}
