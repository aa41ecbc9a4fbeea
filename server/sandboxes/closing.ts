import { setTimeout as wait } from "node:timers/promises";
import { type ClosingStep, Prisma } from "@/prisma/generated/client";
import { audit, auditAll } from "@/server/audit";
import type { CloudErrorKind } from "@/server/aws/errors";
import { canaryCall, deleteRole, type FoundUser, roleExists, stripRole } from "@/server/aws/iam";
import { basePrincipalArn, inMember, leaseCredentials, probeAccessKey, type SessionKeys } from "@/server/aws/sts";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { assertNever, DomainError, notFound } from "@/server/errors";
import { enqueue, enqueueAll } from "@/server/jobs/queue";
import type { JobRun } from "@/server/jobs/registry";
import { queueMail } from "@/server/mail/outbox";
import { allowMember } from "@/server/permissions";
import { moveAccountRow, returnToPool } from "@/server/sandboxes/accounts";
import { openCanary, sealCanary } from "@/server/sandboxes/canary";
import { catchUpMilliseconds } from "@/server/sandboxes/catch-up";
import { cleanSomewhere, quarantineReason } from "@/server/sandboxes/cleaning";
import { CleanupBusy } from "@/server/sandboxes/cleanup-run";
import { credentialsOf, markProved, proveRevoked, revokeCredential } from "@/server/sandboxes/credentials";
import {
  findDoors,
  foundAt,
  type Intruders,
  intruderWords,
  type OwnGround,
  readIntruders,
  shutDoors,
  together,
} from "@/server/sandboxes/intruders";
import {
  leaseStatesBeforeClosing,
  type TakeBackStep,
  takeBackSteps,
  takeBackTitles,
} from "@/server/sandboxes/lifecycle";
import type { Later } from "@/server/sandboxes/tasks";
import { placeAccount } from "@/server/sandboxes/units";
import { inWords } from "@/server/sandboxes/vending";

/**
 * Taking accounts back: durable steps for each lease, each of which can run twice and be cut off anywhere. The rule of the
 * proof stands in docs/decisions (revocation is proved by a canary).
 */

/**
 * Begins to take back the live leases of a workshop (or only those given), in the caller's transaction: from now on nobody
 * gets a link or keys. Answers how many.
 */
export async function startTakingBack(
  ctx: Context,
  tx: Tx,
  input: { workshopId: string; leaseIds?: readonly string[]; registrationId?: string },
): Promise<{ leases: number }> {
  const { workshopId, leaseIds, registrationId } = input;
  const leases = await tx.lease.updateManyAndReturn({
    where: {
      workshopId,
      endedAt: null,
      state: { in: [...leaseStatesBeforeClosing] },
      ...(leaseIds ? { id: { in: [...leaseIds] } } : {}),
      ...(registrationId ? { registrationId } : {}),
    },
    data: { state: "closing", lastError: null },
    select: { id: true, teamId: true },
  });
  if (leases.length === 0) return { leases: 0 };
  await tx.closingStep.createMany({
    data: leases.flatMap(({ id, teamId }) =>
      takeBackSteps.map((name, index) => {
        const step = { id: ctx.newId("closingStep"), teamId, workshopId, leaseId: id };
        return { ...step, subject: id, name, position: index + 1 };
      }),
    ),
    skipDuplicates: true,
  });
  await auditAll(
    ctx,
    tx,
    leases.map(({ id, teamId }) => ({ teamId, action: "lease.closing", entity: "lease", entityId: id })),
  );
  await enqueueAll(
    ctx,
    tx,
    "sandboxes.take-back",
    leases.map(({ id }) => ({ leaseId: id })),
  );
  return { leases: leases.length };
}

async function loadLease(ctx: Context, leaseId: string) {
  return ctx.db.lease.findUnique({ where: { id: leaseId }, include: { account: true } });
}
type LoadedLease = NonNullable<Awaited<ReturnType<typeof loadLease>>>;

/**
 * Job: runs the steps of one lease that are not done, in order. A step that fails is `failed` with the reason in words, and
 * the job is tried again; when its tries run out the step stays failed, until a member tries again or sets the account aside.
 */
export async function takeBack(ctx: Context, input: { leaseId: string }, run?: JobRun): Promise<void> {
  const steps = await ctx.db.closingStep.findMany({ where: { leaseId: input.leaseId }, orderBy: { position: "asc" } });
  for (const step of steps) {
    if (step.state === "done") continue;
    const lease = await loadLease(ctx, input.leaseId);
    if (!lease || lease.endedAt || !(await claim(ctx, step))) return;
    try {
      const later = await runStep(ctx, lease, step, run);
      if (later) return await lookAgain(ctx, input.leaseId, step.id, later);
    } catch (error) {
      // Only what a step met has failed: a worker that stops, or another one at work, leaves it to the next try.
      if (!run?.signal.aborted && !(error instanceof CleanupBusy)) await markFailed(ctx, step, error);
      throw error;
    }
  }
}

/** What goes on elsewhere is looked at by a job that comes again, so that no slot of the worker waits for it. */
async function lookAgain(ctx: Context, leaseId: string, stepId: string, { later }: Later): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    // A look is not another try of the step.
    await tx.closingStep.updateMany({
      where: { id: stepId, attempts: { gt: 1 } },
      data: { attempts: { decrement: 1 } },
    });
    await enqueue(ctx, tx, "sandboxes.take-back", { leaseId }, { startAfter: later });
  });
}

async function markFailed(ctx: Context, step: ClosingStep, error: unknown): Promise<void> {
  await ctx.db.closingStep.updateMany({
    where: { id: step.id, state: "running" },
    data: { state: "failed", lastError: inWords(error), endedAt: ctx.clock.now() },
  });
}

/** A step whose worker was killed is still `running`: since each step can run twice, it is simply taken over. */
async function claim(ctx: Context, step: ClosingStep): Promise<boolean> {
  const { count } = await ctx.db.closingStep.updateMany({
    where: { id: step.id, state: { in: ["pending", "failed", "running"] } },
    data: { state: "running", attempts: { increment: 1 }, startedAt: step.startedAt ?? ctx.clock.now(), endedAt: null },
  });
  return count === 1;
}

/** Runs a step to its end, or answers when to look at it again. */
async function runStep(ctx: Context, lease: LoadedLease, step: ClosingStep, run?: JobRun): Promise<Later | undefined> {
  const name = step.name as TakeBackStep;
  switch (name) {
    case "move":
      await move(ctx, lease);
      break;
    case "revoke":
      await revoke(ctx, lease);
      break;
    case "prove":
      await prove(ctx, lease, run);
      break;
    case "clean": {
      const later = await cleanLeased(ctx, lease, run);
      if (later) return later;
      break;
    }
    case "return":
      await returnAccount(ctx, lease, step);
      return;
    default:
      assertNever(name);
  }
  await ctx.db.closingStep.updateMany({
    where: { id: step.id, state: "running" },
    data: { state: "done", lastError: null, endedAt: ctx.clock.now() },
  });
}

/** move: a fresh canary while the account is still open, then the row, then AWS. */
async function move(ctx: Context, lease: LoadedLease): Promise<void> {
  if (lease.account.state === "leased") await refreshCanary(ctx, lease);
  await ctx.db.$transaction(async (tx) => {
    const move = { accountId: lease.accountId, teamId: lease.teamId, from: ["leased"], to: "cleaning" } as const;
    await moveAccountRow(ctx, tx, { ...move, detail: { leaseId: lease.id } });
  });
  await placeAccount(ctx, lease.accountId);
}

/**
 * Sessions last an hour and a workshop longer, so the canary of vending has usually expired: a new session of the role makes
 * the allowed call now, before anything is taken away. Taking access away never waits for evidence: where this fails, the
 * proof is made with what there is (see `prove`).
 */
async function refreshCanary(ctx: Context, lease: LoadedLease): Promise<void> {
  if (!lease.roleArn) return;
  try {
    const session = await leaseCredentials(ctx.env, { id: lease.id, roleArn: lease.roleArn });
    if ((await canaryCall(ctx.env, session)) !== "Allowed") return;
    const { accessKeyIds } = openCanary(ctx.env, lease.canarySealed);
    await ctx.db.lease.update({
      where: { id: lease.id },
      data: { canarySealed: sealCanary(ctx.env, { session, accessKeyIds }), canaryAllowedAt: ctx.clock.now() },
    });
  } catch (error) {
    ctx.log.warn({ leaseId: lease.id, problem: inWords(error) }, "no fresh canary before taking access away");
  }
}

/**
 * revoke: the role loses everything and is denied everything, every other credential that was vended ends, and what the
 * attendee made to stay in is disabled. All within the first minute of closing: the role's calls come first, and nothing here
 * waits for AWS to catch up.
 */
async function revoke(ctx: Context, lease: LoadedLease): Promise<void> {
  const vended = await credentialsOf(ctx, lease);
  if (!vended.some(({ kind, reference }) => kind === "role" && reference === lease.roleName))
    await inMember(ctx.env, lease.account.awsAccountId, (keys) => stripRole(ctx.env, keys, lease.roleName));
  for (const credential of vended) await revokeCredential(ctx, lease, credential);
  await endIntruders(ctx, lease);
  await ctx.db.lease.updateMany({
    where: { id: lease.id, state: "closing" },
    data: { state: "revoked", revokedAt: ctx.clock.now() },
  });
}

/** Finds and disables users, roles and providers of the account; what was found is kept before it is taken away. */
async function endIntruders(ctx: Context, lease: LoadedLease): Promise<void> {
  const own = await ownGround(ctx, lease);
  const doors = await inMember(ctx.env, own.accountId, (keys) => findDoors(ctx.env, keys, own));
  await keepKeyIds(ctx, lease, doors.users);
  await noteIntruders(ctx, lease, foundAt(doors, own));
  const seen = await inMember(ctx.env, own.accountId, (keys) => shutDoors(ctx.env, keys, doors, own));
  await noteIntruders(ctx, lease, seen);
}

async function ownGround(ctx: Context, lease: LoadedLease): Promise<OwnGround> {
  const base = await basePrincipalArn(ctx.env);
  const vended = await ctx.db.credential.findMany({
    where: { leaseId: lease.id, kind: "user" },
    select: { reference: true },
  });
  const accounts = [base, ctx.env.ATELIER_MANAGEMENT_ROLE_ARN ?? base].map((arn) => arn.split(":")[4] ?? "");
  return {
    accountId: lease.account.awsAccountId,
    roles: new Set([lease.roleName, ctx.env.ATELIER_MEMBER_ROLE, "OrganizationAccountAccessRole"]),
    managers: new Set(accounts.filter(Boolean)),
    vendedUsers: new Set(vended.map(({ reference }) => reference)),
  };
}

/** Ids of keys are kept for the proof before the keys are deleted: a deleted key is listed no more. */
async function keepKeyIds(ctx: Context, lease: LoadedLease, users: readonly FoundUser[]): Promise<void> {
  const row = await ctx.db.lease.findUniqueOrThrow({ where: { id: lease.id }, select: { canarySealed: true } });
  const canary = openCanary(ctx.env, row.canarySealed);
  const accessKeyIds = [...new Set([...canary.accessKeyIds, ...users.flatMap((user) => user.accessKeyIds)])];
  if (accessKeyIds.length === canary.accessKeyIds.length) return;
  await ctx.db.lease.update({
    where: { id: lease.id },
    data: { canarySealed: sealCanary(ctx.env, { ...canary, accessKeyIds }) },
  });
}

async function noteIntruders(ctx: Context, lease: LoadedLease, found: Intruders): Promise<void> {
  if (!intruderWords(found)) return;
  const step = await ctx.db.closingStep.findFirst({ where: { leaseId: lease.id, name: "revoke" } });
  if (!step) return;
  const detail = together(readIntruders(step.detail), found);
  await ctx.db.closingStep.update({ where: { id: step.id }, data: { detail } });
}

/**
 * prove: the canary's call, allowed before, is now refused with AccessDenied, and AWS no longer knows the keys of IAM users;
 * then the role goes. So for every credential that was ever vended. Time-outs, 5xx, throttling and an expired session prove
 * nothing and are asked again, up to a bound.
 */
async function prove(ctx: Context, lease: LoadedLease, run?: JobRun): Promise<void> {
  if (!lease.provedAt) {
    // What a user or a role made between the list and its end is ended now.
    await endIntruders(ctx, lease);
    const { canarySealed } = await ctx.db.lease.findUniqueOrThrow({ where: { id: lease.id } });
    const canary = openCanary(ctx.env, canarySealed);
    // Access was vended exactly when a session of the role was seen to be allowed.
    const session = lease.canaryAllowedAt ? await proveRole(ctx, lease, canary.session, run) : "never_vended";
    for (const accessKeyId of canary.accessKeyIds) await proveKey(ctx, accessKeyId, run);
    const credentials = await proveCredentials(ctx, lease, session !== "never_vended", run);
    await ctx.db.$transaction(async (tx) => {
      await tx.lease.update({ where: { id: lease.id }, data: { provedAt: ctx.clock.now(), canarySealed: null } });
      const detail = { session, userKeys: canary.accessKeyIds.length, credentials };
      const { teamId } = lease;
      await audit(ctx, tx, { teamId, action: "lease.revocation_proved", entity: "lease", entityId: lease.id, detail });
    });
  }
  await inMember(ctx.env, lease.account.awsAccountId, (keys) => deleteRole(ctx.env, keys, lease.roleName));
}

/**
 * Proves the end of each credential that was ever vended for the lease, and answers how many there were. The role's own proof
 * is the canary's, where there is one.
 */
async function proveCredentials(ctx: Context, lease: LoadedLease, roleProved: boolean, run?: JobRun): Promise<number> {
  const vended = await credentialsOf(ctx, lease);
  for (const credential of vended) {
    const { id, kind, reference } = credential;
    if (kind === "role" && reference === lease.roleName && roleProved) await markProved(ctx, ctx.db, [id]);
    else await proveRevoked(ctx, lease, credential, run);
  }
  const after = await credentialsOf(ctx, lease);
  if (after.some(({ provedAt }) => provedAt === null))
    throw new Error("It is not proved that access is gone. A credential was made while access was taken away");
  return after.length;
}

/** A session this close to its end may expire between two tries. */
const expiryMarginMilliseconds = 60_000;

/**
 * Asks with the session that was seen to be allowed; where that has expired, with a new session of the same role, which is
 * under the same policies (nothing is ever allowed again to get a proof). Answers which it was.
 */
async function proveRole(ctx: Context, lease: LoadedLease, kept: SessionKeys | null, run?: JobRun): Promise<string> {
  const arn = lease.roleArn;
  let session = kept;
  let which = "seen_allowed";
  await untilProved(ctx, "The lease's role", run, async () => {
    const expired = !session || session.expiration.getTime() - ctx.clock.now().getTime() < expiryMarginMilliseconds;
    if (expired && arn) {
      which = "successor";
      session = await leaseCredentials(ctx.env, { id: lease.id, roleArn: arn });
    }
    if (!session) return { proved: false, answer: "Expired" };
    const answer = await canaryCall(ctx.env, session);
    if (answer === "Expired") session = null;
    if (answer === "AccessDenied") return { proved: true, answer };
    // Keys that AWS does not know prove something only where IAM says that the role itself is gone.
    const gone = answer === "UnknownKey" && !(await leaseRoleThere(ctx, lease));
    if (gone) which = "role_gone";
    else if (answer === "UnknownKey") session = null;
    return { proved: gone, answer };
  });
  return which;
}

function leaseRoleThere(ctx: Context, lease: LoadedLease): Promise<boolean> {
  return inMember(ctx.env, lease.account.awsAccountId, (keys) => roleExists(ctx.env, keys, lease.roleName));
}

/** The secret of a key that an attendee made is theirs alone, so AWS is asked whether it still knows the key's id. */
async function proveKey(ctx: Context, accessKeyId: string, run?: JobRun): Promise<void> {
  await untilProved(ctx, "An access key of an IAM user in the account", run, async () => {
    const answer = await probeAccessKey(ctx.env, accessKeyId);
    return { proved: answer === "UnknownKey", answer };
  });
}

async function untilProved(
  ctx: Context,
  what: string,
  run: JobRun | undefined,
  ask: () => Promise<{ proved: boolean; answer: CloudErrorKind | "Allowed" }>,
): Promise<void> {
  const start = performance.now();
  for (let pause = 200; ; pause = Math.min(5_000, pause * 2)) {
    const { proved, answer } = await ask();
    if (proved) return;
    if (performance.now() - start > 2 * catchUpMilliseconds(ctx.env)) throw new Error(notProved(what, answer));
    await wait(pause, undefined, { signal: run?.signal });
  }
}

function notProved(what: string, answer: CloudErrorKind | "Allowed"): string {
  if (answer === "Allowed") return `${what} can still act in the account: AWS allows its call`;
  if (answer === "WrongSecret") return `${what} still exists: AWS knows it`;
  return `It is not proved that access is gone. ${what} got no clear answer from AWS (${answer})`;
}

/** clean: a run of the cleaner for this lease that came to an end, clean or not; one that already did is not repeated. */
async function cleanLeased(ctx: Context, lease: LoadedLease, run?: JobRun): Promise<Later | undefined> {
  const ended = await endedCleanup(ctx.db, lease.id);
  // A machine of its own must also be seen to be gone.
  if (ended && (ended.machine === "worker" || ended.taskStoppedAt)) return;
  const end = await cleanSomewhere(ctx, lease.account, { cause: "closing", leaseId: lease.id }, run);
  return "later" in end ? end : undefined;
}

function endedCleanup(db: Context["db"] | Tx, leaseId: string) {
  return db.cleanup.findFirst({
    where: { leaseId, state: { in: ["clean", "dirty"] } },
    orderBy: { startedAt: "desc" },
  });
}

/** return: to the pool when clean, else set aside with the reason; the lease ends with it, in the same transaction. */
async function returnAccount(ctx: Context, lease: LoadedLease, step: ClosingStep): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const cleanup = await endedCleanup(tx, lease.id);
    if (!cleanup) throw new Error("The account has not been cleaned");
    const reason =
      cleanup.state === "clean" ? null : quarantineReason(cleanup.reason ?? "It was not found to be empty.");
    const { accountId, teamId } = lease;
    const { count } = await tx.closingStep.updateMany({
      where: { id: step.id, state: "running" },
      data: { state: "done", lastError: reason, endedAt: ctx.clock.now() },
    });
    // Another run of this job was faster; the account may be somebody else's by now.
    if (count === 0) return;
    if (reason)
      await moveAccountRow(ctx, tx, {
        accountId,
        teamId,
        from: ["cleaning"],
        to: "quarantined",
        data: { quarantineReason: reason },
        detail: { cleanupId: cleanup.id },
      });
    else await returnToPool(ctx, tx, { id: accountId, teamId });
    await endLease(ctx, tx, lease);
  });
  await placeAccount(ctx, lease.accountId);
}

/** Ends a lease; with the last one of a closing workshop, its closing is finished. */
async function endLease(ctx: Context, tx: Tx, lease: LoadedLease): Promise<void> {
  const { id, teamId, workshopId } = lease;
  // Two last leases that end at the same time must not each take the other for one that is left.
  const [workshop] = await tx.$queryRaw<{ state: string }[]>`
    SELECT "state"::text FROM "Workshop" WHERE "id" = ${workshopId} FOR NO KEY UPDATE`;
  const { count } = await tx.lease.updateMany({
    where: { id, endedAt: null },
    data: { state: "ended", endedAt: ctx.clock.now(), canarySealed: null, stackOutputs: Prisma.DbNull },
  });
  if (count === 0) return;
  await audit(ctx, tx, { teamId, action: "lease.ended", entity: "lease", entityId: id });
  if (workshop?.state !== "closing") return;
  const left = await tx.lease.count({ where: { workshopId, endedAt: null } });
  if (left > 0) return;
  await enqueue(ctx, tx, "workshops.finish-closing", { workshopId });
  await reportMachines(ctx, tx, { teamId, workshopId });
}

/** Where accounts were emptied on machines of their own: one mail to each admin that all of them were seen to have stopped. */
async function reportMachines(ctx: Context, tx: Tx, of: { teamId: string; workshopId: string }): Promise<void> {
  const { teamId, workshopId } = of;
  const runs = await tx.cleanup.groupBy({
    by: ["state"],
    where: { teamId, lease: { workshopId }, machine: "task", taskArn: { not: null }, taskStoppedAt: { not: null } },
    _count: true,
  });
  const machines = runs.reduce((sum, run) => sum + run._count, 0);
  if (machines === 0) return;
  const lost = runs.find((run) => run.state === "failed")?._count ?? 0;
  const admins = await tx.member.findMany({
    where: { teamId, role: "admin", removedAt: null },
    select: { id: true },
  });
  for (const { id: memberId } of admins)
    await queueMail(ctx, tx, {
      kind: "machines_stopped",
      ...{ teamId, workshopId, memberId, recipientKey: memberId, occurrence: workshopId, data: { machines, lost } },
    });
}

/** What a step found and did, in words; null where it has nothing to tell. */
export function stepNote(step: Pick<ClosingStep, "name" | "detail">): string | null {
  return step.name === "revoke" ? intruderWords(readIntruders(step.detail)) : null;
}

async function failedStep(ctx: Context, leaseId: string, teamId: string) {
  const step = await ctx.db.closingStep.findFirst({
    where: { leaseId, teamId, state: "failed" },
    orderBy: { position: "asc" },
  });
  if (step) return step;
  const lease = await ctx.db.lease.findFirst({ where: { id: leaseId, teamId }, select: { id: true } });
  if (!lease) throw notFound("sandbox");
  throw new DomainError("conflict", "No step of this account has failed.");
}

/** Runs the failed step of a lease again, and those after it. */
export async function retryStep(ctx: Context, input: { leaseId: string }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "cleanup.run");
  const step = await failedStep(ctx, input.leaseId, teamId);
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.closingStep.updateMany({
      where: { id: step.id, state: "failed" },
      data: { state: "pending", lastError: null },
    });
    if (count === 0) throw new DomainError("conflict", "This step is running again already.");
    const { leaseId } = input;
    const detail = { step: step.name };
    await audit(ctx, tx, { teamId, action: "lease.step_retried", entity: "lease", entityId: leaseId, detail });
    await enqueue(ctx, tx, "sandboxes.take-back", { leaseId });
  });
}

/**
 * Gives up on a lease whose step has failed: the account is quarantined with the reason, where its unit denies everything to
 * everybody but Atelier, and the workshop can close.
 */
export async function setAside(ctx: Context, input: { leaseId: string; reason: string }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "cleanup.run");
  const reason = input.reason.trim().slice(0, 500);
  if (!reason) throw new DomainError("invalid", "Say why the account is set aside.", { fields: { reason: "Say why" } });
  const step = await failedStep(ctx, input.leaseId, teamId);
  const lease = await loadLease(ctx, input.leaseId);
  if (!lease) throw notFound("sandbox");
  const proved = lease.provedAt ? "" : " That access to it is gone was not proved.";
  const why = `"${takeBackTitles[step.name as TakeBackStep]}" failed: ${step.lastError ?? "no reason is known"}.${proved} Set aside by hand: ${reason}. Solve that, then clean the account again.`;
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.closingStep.updateMany({
      where: { id: step.id, state: "failed" },
      data: { state: "set_aside", endedAt: ctx.clock.now() },
    });
    if (count === 0) throw new DomainError("conflict", "This step is running again already.");
    await tx.closingStep.updateMany({
      where: { leaseId: lease.id, state: "pending" },
      data: { state: "set_aside", endedAt: ctx.clock.now() },
    });
    const { accountId } = lease;
    const data = { quarantineReason: why };
    await moveAccountRow(ctx, tx, { accountId, teamId, from: ["leased", "cleaning"], to: "quarantined", data });
    await audit(ctx, tx, { teamId, action: "lease.set_aside", entity: "lease", entityId: lease.id });
    await endLease(ctx, tx, lease);
    // The move in AWS is outside: the sync makes it.
    await enqueue(ctx, tx, "sandboxes.reconcile", { teamId });
  });
}

/** Takes a member's own lease back before its workshop closes. */
export async function returnLease(ctx: Context, input: { leaseId: string }): Promise<void> {
  const { teamId, memberId } = allowMember(ctx.actor, "sandbox.lease");
  const lease = await ctx.db.lease.findFirst({ where: { id: input.leaseId, teamId, memberId, endedAt: null } });
  if (!lease) throw notFound("sandbox");
  await ctx.db.$transaction(async (tx) => {
    const { leases } = await startTakingBack(ctx, tx, { workshopId: lease.workshopId, leaseIds: [lease.id] });
    if (leases === 0) throw new DomainError("conflict", "This account is being taken back already.");
  });
}
