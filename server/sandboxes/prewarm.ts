import type { Prisma } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { startTakingBack } from "@/server/sandboxes/closing";
import { leaseInUse } from "@/server/sandboxes/lifecycle";
import { reserveLeases, tellReady } from "@/server/sandboxes/vending";

/**
 * Pre-warming: accounts that are reserved and made ready before the workshop opens, for those who are confirmed. Nobody is told
 * of them and nobody enters them until it opens. One whose reason is gone is given back, by way of closing and cleaning like
 * any other, though nobody ever saw it.
 */

type Times = {
  state: string;
  sandboxProfileId: string | null;
  prewarmMinutes: number | null;
  startsAt: Date | null;
  endsAt: Date | null;
};

/** Whether the accounts of a workshop are to be made ready now, before it opens. */
function isPrewarming(workshop: Times, now: Date): boolean {
  const { state, sandboxProfileId, prewarmMinutes, startsAt, endsAt } = workshop;
  if (state !== "registration" || !sandboxProfileId || prewarmMinutes === null || !startsAt || !endsAt) return false;
  return startsAt.getTime() - prewarmMinutes * 60_000 <= now.getTime() && endsAt > now;
}

const seated = ["confirmed", "attended"] as const;
const early = (workshopId: string) => ({ workshopId, holder: "registration", ...leaseInUse }) as const;

/**
 * The clock, each minute: reserves and vends what is due, and gives back what no longer is. A failure of one workshop does not
 * hold back the others; the first is thrown at the end, for the log.
 */
export async function tickPrewarming(ctx: Context): Promise<void> {
  const bugs: unknown[] = [];
  for (const workshopId of await concerned(ctx)) {
    try {
      await ctx.db.$transaction((tx) => prewarm(ctx, tx, { workshopId }));
    } catch (error) {
      bugs.push(error);
    }
  }
  if (bugs.length > 0) throw bugs[0];
}

/** Workshops in registration whose time has come and where somebody has no account, or that hold accounts already. */
async function concerned(ctx: Context): Promise<string[]> {
  const now = ctx.clock.now();
  const rows = await ctx.db.$queryRaw<{ id: string }[]>`
    SELECT w."id" FROM "Workshop" w
    WHERE w."state" = 'registration' AND (
      (w."sandboxProfileId" IS NOT NULL AND w."endsAt" > ${now}
        AND w."startsAt" - make_interval(mins => w."prewarmMinutes") <= ${now}
        AND EXISTS (SELECT 1 FROM "Registration" r WHERE r."workshopId" = w."id" AND r."state" IN ('confirmed', 'attended')
          AND NOT EXISTS (SELECT 1 FROM "Lease" l WHERE l."registrationId" = r."id" AND l."endedAt" IS NULL
            AND l."state" IN ('reserved', 'ready', 'failed'))))
      OR EXISTS (SELECT 1 FROM "Lease" l WHERE l."workshopId" = w."id" AND l."holder" = 'registration'
        AND l."endedAt" IS NULL AND l."state" IN ('reserved', 'ready', 'failed')))
    ORDER BY w."startsAt"`;
  return rows.map(({ id }) => id);
}

/**
 * Brings the early accounts of one workshop to what they should be now, in the caller's transaction, under the workshop's lock
 * (taken here; taking it before is fine). Changes nothing where all is right. With `profileChanged` all go back, and the next
 * tick of the clock lends others with the new profile.
 */
export async function prewarm(
  ctx: Context,
  tx: Tx,
  { workshopId, profileChanged = false }: { workshopId: string; profileChanged?: boolean },
): Promise<void> {
  await tx.$queryRaw`SELECT "id" FROM "Workshop" WHERE "id" = ${workshopId} FOR NO KEY UPDATE`;
  const workshop = await tx.workshop.findUnique({ where: { id: workshopId } });
  if (workshop?.state !== "registration") return;
  const due = isPrewarming(workshop, ctx.clock.now());
  const pointless: Prisma.LeaseWhereInput =
    due && !profileChanged ? { registration: { state: { notIn: [...seated] } } } : {};
  const leases = await tx.lease.findMany({
    where: { ...early(workshopId), ...pointless },
    select: { id: true },
  });
  if (leases.length > 0) await startTakingBack(ctx, tx, { workshopId, leaseIds: leases.map(({ id }) => id) });
  if (due && !profileChanged) await reserveLeases(ctx, tx, { workshopId });
}

/** How many confirmed people of a workshop have an account already. */
export function countPrewarmed(tx: Tx, { workshopId }: { workshopId: string }): Promise<number> {
  return tx.lease.count({ where: { ...early(workshopId), registration: { state: { in: [...seated] } } } });
}

/** At the opening, in its transaction: whose account is ready already is told so now. */
export async function tellPrewarmed(ctx: Context, tx: Tx, { workshopId }: { workshopId: string }): Promise<void> {
  const leases = await tx.lease.findMany({
    where: { ...early(workshopId), state: "ready" },
    select: {
      ...{ id: true, teamId: true, registrationId: true },
      registration: { select: { person: { select: { locale: true } } } },
    },
    orderBy: [{ registration: { ordinal: "asc" } }],
  });
  for (const { id, teamId, registrationId, registration } of leases)
    if (registrationId)
      await tellReady(ctx, tx, {
        ...{ leaseId: id, teamId, workshopId, registrationId },
        locale: registration?.person.locale ?? null,
      });
}
