import type { Prisma } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { enqueueAll } from "@/server/jobs/queue";
import { type AccountState, mayMoveAccount } from "@/server/sandboxes/lifecycle";
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

/** Returns an emptied account to the pool, by way of the team's cooldown. */
export async function returnToPool(ctx: Context, tx: Tx, account: { id: string; teamId: string }): Promise<boolean> {
  const { id, teamId } = account;
  const { cooldownHours } = await tx.team.findUniqueOrThrow({ where: { id: teamId }, select: { cooldownHours: true } });
  const now = ctx.clock.now();
  const coolingUntil = cooldownHours > 0 ? new Date(now.getTime() + cooldownHours * 3_600_000) : null;
  const back = await moveAccountRow(ctx, tx, {
    accountId: id,
    teamId,
    from: ["cleaning"],
    to: coolingUntil ? "cooling" : "available",
    data: { lastCleanedAt: now, coolingUntil },
  });
  if (back && !coolingUntil) await serveWaitingWorkshops(ctx, tx, teamId);
  return back;
}

/** Tells the team's open workshops in which somebody confirmed has no account yet that one is back. */
export async function serveWaitingWorkshops(ctx: Context, tx: Tx, teamId: string): Promise<void> {
  const waiting = await tx.workshop.findMany({
    where: {
      teamId,
      state: "open",
      sandboxProfileId: { not: null },
      registrations: { some: { state: { in: ["confirmed", "attended"] }, leases: { none: { endedAt: null } } } },
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
