import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { allowMember } from "@/server/permissions";
import { promoteWaitlist } from "@/server/registrations/registrations";
import { capacityPlan, checkDates, lockPoolDates, seatsInPool } from "@/server/sandboxes/sandboxes";

/**
 * The pool as a limit of seats. Opening registration promises an account for each seat, or a member accepts that so many are
 * missing (docs/decisions/0008). Where the pool shrinks afterwards, the promise of the seats that are not taken yet goes
 * with it: the workshop's row says for how many seats there is an account, the clock keeps that up to date, and a confirmation
 * reads it under the workshop's lock like every other limit. Who has a seat keeps it.
 */

/** Writes down what the pool can carry now. Returns whether that is more than before. In the caller's transaction. */
export async function setPoolSeats(
  ctx: Context,
  tx: Tx,
  { teamId, workshopId }: { teamId: string; workshopId: string },
): Promise<boolean> {
  const plan = await capacityPlan(ctx, tx, teamId);
  const planned = plan.workshops.find(({ id }) => id === workshopId);
  if (!planned) return false;
  const seats = seatsInPool(plan, planned);
  const { poolSeats } = await tx.workshop.findUniqueOrThrow({ where: { id: workshopId }, select: { poolSeats: true } });
  if (seats === poolSeats) return false;
  await tx.workshop.update({ where: { id: workshopId }, data: { poolSeats: seats }, select: { id: true } });
  return poolSeats !== null && (seats === null || seats > poolSeats);
}

/**
 * The clock: keeps each workshop in registration up to date with its pool; where there is an account for one more, the first on
 * the waitlist moves up. Once a workshop is open its accounts are lent, and the figure stays as it is.
 */
export async function tickPoolSeats(ctx: Context): Promise<void> {
  const waiting = await ctx.db.workshop.findMany({
    where: { state: "registration", acceptedMissing: { not: null }, sandboxProfileId: { not: null } },
    select: { id: true, teamId: true, poolSeats: true },
  });
  for (const [teamId, workshops] of Map.groupBy(waiting, (one) => one.teamId)) {
    const plan = await capacityPlan(ctx, ctx.db, teamId);
    for (const { id: workshopId, poolSeats } of workshops) {
      const planned = plan.workshops.find(({ id }) => id === workshopId);
      if (planned && seatsInPool(plan, planned) !== poolSeats)
        await ctx.db.$transaction((tx) => refresh(ctx, tx, { teamId, workshopId }));
    }
  }
}

async function refresh(ctx: Context, tx: Tx, where: { teamId: string; workshopId: string }): Promise<void> {
  const { teamId, workshopId } = where;
  const [locked] = await tx.$queryRaw<{ state: string }[]>`
    SELECT "state"::text FROM "Workshop" WHERE "id" = ${workshopId} AND "teamId" = ${teamId} FOR NO KEY UPDATE`;
  if (locked?.state !== "registration") return;
  if (await setPoolSeats(ctx, tx, where)) await promoteWaitlist(ctx, tx, { workshopId });
}

/**
 * Accepts that accounts are missing on the workshop's dates, so that seats are given all the same; `missing` is the number that
 * was shown. `not_ready` (reason `overcommitted`) where it is more by now.
 */
export async function acceptMissing(
  ctx: Context,
  { workshopId, missing }: { workshopId: string; missing: number },
): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "workshop.edit");
  await ctx.db.$transaction(async (tx) => {
    const [locked] = await tx.$queryRaw<{ state: string }[]>`
      SELECT "state"::text FROM "Workshop" WHERE "id" = ${workshopId} AND "teamId" = ${teamId} FOR NO KEY UPDATE`;
    if (!locked) throw notFound("workshop");
    if (locked.state !== "registration" && locked.state !== "open")
      throw new DomainError("conflict", "Nobody registers for this workshop any more.");
    await lockPoolDates(tx, teamId);
    const plan = await capacityPlan(ctx, tx, teamId);
    const planned = plan.workshops.find(({ id }) => id === workshopId);
    const found = planned && checkDates(plan, planned);
    if (found && found.missing > missing)
      throw new DomainError("not_ready", `${found.text}. Look at the figures again.`, {
        reason: "overcommitted",
        missing: found.missing,
      });
    await tx.workshop.update({ where: { id: workshopId }, data: { acceptedMissing: missing }, select: { id: true } });
    await setPoolSeats(ctx, tx, { teamId, workshopId });
    await promoteWaitlist(ctx, tx, { workshopId });
    const entry = { action: "workshop.missing_accepted", entity: "workshop", entityId: workshopId };
    await audit(ctx, tx, { teamId, ...entry, detail: { missing } });
  });
}
