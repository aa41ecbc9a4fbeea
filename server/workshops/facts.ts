import type { Workshop } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import type { Db, Tx } from "@/server/db";
import type { WorkshopFacts } from "@/server/workshops/lifecycle";

/** What the guards of a workshop's moves look at, read in the caller's transaction. */
export async function workshopFacts(ctx: Context, tx: Tx | Db, workshop: Workshop): Promise<WorkshopFacts> {
  const { id: workshopId, teamId } = workshop;
  const [presenters, accountManagers, states, liveLeases] = await Promise.all([
    tx.workshopPresenter.count({ where: { teamId, workshopId } }),
    tx.workshopAccountManager.count({ where: { teamId, workshopId } }),
    tx.registration.groupBy({ by: ["state"], where: { teamId, workshopId }, _count: true }),
    tx.lease.count({ where: { teamId, workshopId, endedAt: null } }),
  ]);
  const count = (state: string) => states.find((row) => row.state === state)?._count ?? 0;
  return {
    state: workshop.state,
    paused: workshop.pausedAt !== null,
    title: workshop.title,
    startsAt: workshop.startsAt,
    endsAt: workshop.endsAt,
    place: workshop.place,
    link: workshop.link,
    presenters,
    accountManagers,
    capacity: workshop.capacity,
    confirmed: count("confirmed"),
    waitlisted: count("waitlisted"),
    unverified: count("unverified"),
    liveLeases,
    pool: workshop.sandboxProfileId ? await poolFacts(ctx, tx, teamId) : null,
    now: ctx.clock.now(),
  };
}

async function poolFacts(ctx: Context, tx: Tx | Db, teamId: string): Promise<NonNullable<WorkshopFacts["pool"]>> {
  const [team, states] = await Promise.all([
    tx.team.findUniqueOrThrow({ where: { id: teamId } }),
    tx.sandboxAccount.groupBy({ by: ["state"], where: { teamId }, _count: true }),
  ]);
  const count = (...wanted: string[]) =>
    states.filter((row) => wanted.includes(row.state)).reduce((sum, row) => sum + row._count, 0);
  const problem =
    ctx.env.ATELIER_CLOUD_OFF ??
    (team.organizationalUnits === null
      ? "the team's organizational units are not set up yet."
      : team.organizationProblem || null);
  return { available: count("available"), usable: count("available", "leased", "cleaning", "cooling"), problem };
}
