import type { Prisma } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { enqueue, enqueueAll } from "@/server/jobs/queue";
import { tellQuarantine } from "@/server/mail/outbox";
import { type AccountState, leaseInUse, mayMoveAccount } from "@/server/sandboxes/lifecycle";
import { placeAccount } from "@/server/sandboxes/units";

/** The one way in which an account changes its state. */

export type AccountMove = {
  accountId: string;
  teamId: string;
  from: readonly AccountState[];
  to: AccountState;
  /** For the history: a fact, no personal data. */
  detail?: object;
  data?: Prisma.SandboxAccountUncheckedUpdateInput;
};

/** Moves an account from one of the states given, in the caller's transaction; false where it is in none of them (any more). */
export async function moveAccountRow(ctx: Context, tx: Tx, move: AccountMove): Promise<boolean> {
  const { accountId: id, teamId, from, to } = move;
  const unknown = from.find((state) => !mayMoveAccount(state, to));
  if (unknown) throw new Error(`An account cannot go from ${unknown} to ${to}`);
  const reason = to === "quarantined" ? {} : { quarantineReason: null };
  const until = to === "cooling" ? {} : { coolingUntil: null };
  const { count } = await tx.sandboxAccount.updateMany({
    where: { id, teamId, state: { in: [...from] } },
    data: { ...reason, ...until, ...move.data, state: to, stateSince: ctx.clock.now() },
  });
  if (count === 0) return false;
  const action = `account.${to}`;
  await audit(ctx, tx, { teamId, action, entity: "sandboxAccount", entityId: id, detail: move.detail });
  if (to === "quarantined") await tellQuarantine(ctx, tx, { teamId, accountId: id });
  return true;
}

/** Sets an account aside with the reason and what to do about it, then moves it in AWS; false where its state had changed. */
export async function quarantine(
  ctx: Context,
  input: { accountId: string; from: readonly AccountState[]; reason: string },
): Promise<boolean> {
  const moved = await ctx.db.$transaction(async (tx) => {
    const { teamId } = await tx.sandboxAccount.findUniqueOrThrow({ where: { id: input.accountId } });
    const { reason: quarantineReason, ...move } = input;
    return moveAccountRow(ctx, tx, { ...move, teamId, to: "quarantined", data: { quarantineReason } });
  });
  if (moved) await placeAccount(ctx, input.accountId);
  return moved;
}

/**
 * Returns an emptied account to the pool, by way of the team's cooldown where it was lent. That it was emptied proves that it
 * can be entered and is where it belongs, so what an earlier sync found wrong is over.
 */
export async function returnToPool(ctx: Context, tx: Tx, account: { id: string; teamId: string }): Promise<boolean> {
  const { id, teamId } = account;
  const now = ctx.clock.now();
  const coolingUntil = await endOfCooldown(tx, account, now);
  const back = await moveAccountRow(ctx, tx, {
    accountId: id,
    teamId,
    from: ["cleaning"],
    to: coolingUntil ? "cooling" : "available",
    data: { lastCleanedAt: now, coolingUntil, problem: null },
  });
  if (back && !coolingUntil) await serveWaitingWorkshops(ctx, tx, teamId);
  return back;
}

/** The team's hours after the end of the last lease (now, while it is just ending); null when they are over, or it had none. */
async function endOfCooldown(tx: Tx, account: { id: string; teamId: string }, now: Date): Promise<Date | null> {
  const { id: accountId, teamId } = account;
  const { cooldownHours } = await tx.team.findUniqueOrThrow({ where: { id: teamId }, select: { cooldownHours: true } });
  if (cooldownHours === 0) return null;
  const last = await tx.lease.findFirst({
    where: { teamId, accountId },
    orderBy: { reservedAt: "desc" },
    select: { endedAt: true },
  });
  if (!last) return null;
  const until = new Date((last.endedAt ?? now).getTime() + cooldownHours * 3_600_000);
  return until > now ? until : null;
}

export type NewAccount = { awsAccountId: string; name: string; parentId: string };

/** Takes an AWS account into a team's pool, to be emptied before anybody gets it; false where it has a row already. */
export async function addAccount(ctx: Context, tx: Tx, teamId: string, account: NewAccount): Promise<boolean> {
  const id = ctx.newId("sandboxAccount");
  const now = ctx.clock.now();
  const { awsAccountId, parentId: organizationalUnitId } = account;
  const name = account.name || awsAccountId;
  const row = { id, teamId, awsAccountId, name, organizationalUnitId, state: "cleaning" as const };
  const { count } = await tx.sandboxAccount.createMany({
    data: [{ ...row, stateSince: now, syncedAt: now }],
    skipDuplicates: true,
  });
  if (count === 0) return false;
  await audit(ctx, tx, { teamId, action: "account.added", entity: "sandboxAccount", entityId: id });
  await enqueue(ctx, tx, "sandboxes.clean", { accountId: id, cause: "new_account" });
  return true;
}

/** Tells the team's open workshops in which somebody confirmed has no account yet that one is back. */
export async function serveWaitingWorkshops(ctx: Context, tx: Tx, teamId: string): Promise<void> {
  const waiting = await tx.workshop.findMany({
    where: {
      teamId,
      state: "open",
      sandboxProfileId: { not: null },
      registrations: { some: { state: { in: ["confirmed", "attended"] }, leases: { none: leaseInUse } } },
    },
    select: { id: true },
  });
  await enqueueAll(
    ctx,
    tx,
    "workshops.serve-waiting",
    waiting.map(({ id }) => ({ workshopId: id })),
  );
}
