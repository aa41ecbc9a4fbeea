import type { Workshop } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import type { Db, Tx } from "@/server/db";
import { leaseInUse } from "@/server/sandboxes/lifecycle";
import { capacityPlan, checkDates, type Plan } from "@/server/sandboxes/sandboxes";
import type { WorkshopFacts } from "@/server/workshops/lifecycle";

/** What the guards of a workshop's moves look at, read in the caller's transaction. */
export async function workshopFacts(ctx: Context, tx: Tx | Db, workshop: Workshop): Promise<WorkshopFacts> {
  const facts = await factsOfWorkshops(ctx, tx, workshop.teamId, [workshop]);
  return facts.get(workshop.id)!;
}

/** The same for many workshops of one team, by id, in as many queries as for one. */
export async function factsOfWorkshops(
  ctx: Context,
  tx: Tx | Db,
  teamId: string,
  workshops: readonly Workshop[],
): Promise<Map<string, WorkshopFacts>> {
  const where = { teamId, workshopId: { in: workshops.map((workshop) => workshop.id) } };
  const early = { ...where, holder: "registration", ...leaseInUse } as const;
  const [presenters, accountManagers, states, leases, lent, pool, plan] = await Promise.all([
    tx.workshopPresenter.groupBy({ by: ["workshopId"], where, _count: true }),
    tx.workshopAccountManager.groupBy({ by: ["workshopId"], where, _count: true }),
    tx.registration.groupBy({ by: ["workshopId", "state"], where, _count: true }),
    tx.lease.groupBy({ by: ["workshopId"], where: { ...where, endedAt: null }, _count: true }),
    tx.lease.groupBy({ by: ["workshopId"], where: early, _count: true }),
    workshops.some((workshop) => workshop.sandboxProfileId) ? poolFacts(ctx, tx, teamId) : null,
    workshops.some((workshop) => workshop.sandboxProfileId) ? capacityPlan(ctx, tx, teamId) : null,
  ]);
  const facts = workshops.map((workshop): [string, WorkshopFacts] => {
    const own = (rows: readonly { workshopId: string; _count: number }[]) =>
      rows.find((row) => row.workshopId === workshop.id)?._count ?? 0;
    const inState = (state: string) => own(states.filter((row) => row.state === state));
    const available = (pool?.available ?? 0) + own(lent);
    const { state, title, startsAt, endsAt, place, link, capacity } = workshop;
    return [
      workshop.id,
      {
        ...{ state, title, startsAt, endsAt, place, link, capacity },
        paused: workshop.pausedAt !== null,
        presenters: own(presenters),
        accountManagers: own(accountManagers),
        confirmed: inState("confirmed"),
        waitlisted: inState("waitlisted"),
        unverified: inState("unverified"),
        liveLeases: own(leases),
        pool:
          workshop.sandboxProfileId && pool && plan ? { ...pool, available, onDate: onDate(plan, workshop.id) } : null,
        now: ctx.clock.now(),
      },
    ];
  });
  return new Map(facts);
}

function onDate(plan: Plan, workshopId: string) {
  const workshop = plan.workshops.find(({ id }) => id === workshopId);
  return workshop ? checkDates(plan, workshop) : null;
}

async function poolFacts(
  ctx: Context,
  tx: Tx | Db,
  teamId: string,
): Promise<Omit<NonNullable<WorkshopFacts["pool"]>, "onDate">> {
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
