import type { Prisma, RegistrationState, WorkshopState } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { notFound } from "@/server/errors";
import { type InviteRow, listInvites } from "@/server/invites/invites";
import type { InviteState } from "@/server/invites/lifecycle";
import { allowMember, attributedScope, customerScope } from "@/server/permissions";

/**
 * Customers with what became of their people's registrations. An account manager sees their own customers, and of those only
 * what is attributed to them; the figures outlive anonymization.
 */

export type CustomerCounts = {
  /** Everybody who registered, whatever became of it. */
  registered: number;
  /** Holding a seat: offered or confirmed. */
  confirmed: number;
  waitlisted: number;
  attended: number;
  noShow: number;
  cancelled: number;
};

export type CustomerSummary = {
  id: string;
  name: string;
  /** Links made for this customer that still work or once did. */
  invites: number;
  workshops: number;
  counts: CustomerCounts;
  /** The latest workshop that somebody of theirs registered for. */
  last: { id: string; title: string; startsAt: string | null; timeZone: string } | null;
};

export type CustomerPerson = {
  registrationId: string;
  /** Null once anonymized. */
  name: string | null;
  email: string | null;
  jobTitle: string | null;
  state: RegistrationState;
  accountManager: string | null;
  anonymized: boolean;
  /** ISO 8601. */
  registeredAt: string;
};

export type CustomerWorkshop = {
  id: string;
  title: string;
  state: WorkshopState;
  startsAt: string | null;
  endsAt: string | null;
  timeZone: string;
  counts: CustomerCounts;
  /** Seats that the customer may hold there; null = no limit of their own. */
  seatLimit: number | null;
  people: CustomerPerson[];
};

/** A link for a customer, or for one of their people. */
export type CustomerLink = {
  id: string;
  workshop: { id: string; title: string };
  /** Whose link it is. */
  owner: string;
  /** Of a personal link: whom it is for, until the address is deleted. */
  person: string | null;
  personal: boolean;
  state: InviteState;
  opened: number;
  registered: number;
  confirmed: number;
  seatLimit: number | null;
  /** Null once revoked. */
  link: string | null;
};

export type CustomerView = {
  id: string;
  name: string;
  counts: CustomerCounts;
  accountManagers: string[];
  workshops: CustomerWorkshop[];
  /** Newest first. */
  links: CustomerLink[];
};

/** How a state counts beside "registered"; the others count only there. */
const columns: Partial<Record<RegistrationState, Exclude<keyof CustomerCounts, "registered">>> = {
  offered: "confirmed",
  confirmed: "confirmed",
  waitlisted: "waitlisted",
  attended: "attended",
  no_show: "noShow",
  cancelled: "cancelled",
};

function countStates(states: readonly { state: RegistrationState; number: number }[]): CustomerCounts {
  const counts = { registered: 0, confirmed: 0, waitlisted: 0, attended: 0, noShow: 0, cancelled: 0 };
  for (const { state, number } of states) {
    counts.registered += number;
    const column = columns[state];
    if (column) counts[column] += number;
  }
  return counts;
}

/** The actor's customers by name, each with its figures. */
export async function listCustomers(ctx: Context): Promise<CustomerSummary[]> {
  const actor = allowMember(ctx.actor, "customer.read");
  const attributed = attributedScope(actor);
  const [customers, groups, workshops] = await Promise.all([
    ctx.db.customer.findMany({
      where: customerScope(actor),
      select: { id: true, name: true, _count: { select: { invites: { where: attributed } } } },
      orderBy: { name: "asc" },
    }),
    ctx.db.registration.groupBy({
      by: ["customerId", "workshopId", "state"],
      where: { ...attributed, customerId: { not: null } },
      _count: true,
    }),
    ctx.db.workshop.findMany({
      where: { teamId: actor.teamId, registrations: { some: { ...attributed, customerId: { not: null } } } },
      select: { id: true, title: true, startsAt: true, timeZone: true },
      orderBy: { startsAt: "desc" },
    }),
  ]);
  return customers.map(({ id, name, _count }) => {
    const own = groups.filter((group) => group.customerId === id);
    const of = new Set(own.map((group) => group.workshopId));
    const last = workshops.find((workshop) => of.has(workshop.id));
    return {
      id,
      name,
      invites: _count.invites,
      workshops: of.size,
      counts: countStates(own.map((group) => ({ state: group.state, number: group._count }))),
      last: last ? { ...last, startsAt: last.startsAt?.toISOString() ?? null } : null,
    };
  });
}

const registrationShape = {
  id: true,
  state: true,
  typedName: true,
  jobTitle: true,
  createdAt: true,
  anonymizedAt: true,
  memberId: true,
  person: { select: { name: true, email: true } },
  workshop: { select: { id: true, title: true, state: true, startsAt: true, endsAt: true, timeZone: true } },
} satisfies Prisma.RegistrationSelect;

type RegistrationRow = Prisma.RegistrationGetPayload<{ select: typeof registrationShape }>;

/** One customer with the registrations of their people, workshop by workshop, the latest first. */
export async function getCustomer(ctx: Context, input: { customerId: string }): Promise<CustomerView> {
  const actor = allowMember(ctx.actor, "customer.read");
  const customer = await ctx.db.customer.findFirst({
    where: { AND: [{ id: input.customerId }, customerScope(actor)] },
    select: { id: true, name: true, quotas: { select: { workshopId: true, seatLimit: true } } },
  });
  if (!customer) throw notFound("customer");
  const { quotas, ...named } = customer;
  const [registrations, invites] = await Promise.all([
    ctx.db.registration.findMany({
      where: { ...attributedScope(actor), customerId: customer.id },
      select: registrationShape,
      orderBy: { createdAt: "asc" },
    }),
    listInvites(ctx, { customerId: customer.id }),
  ]);
  const memberIds = [...new Set(registrations.map(({ memberId }) => memberId).filter((id) => id !== null))];
  const members = await ctx.db.member.findMany({
    where: { teamId: actor.teamId, id: { in: memberIds } },
    select: { id: true, identity: { select: { name: true } } },
  });
  const names = new Map(members.map((member) => [member.id, member.identity.name]));
  return {
    ...named,
    counts: countStates(registrations.map(({ state }) => ({ state, number: 1 }))),
    accountManagers: [...names.values()].sort(),
    workshops: byWorkshop(registrations, names, new Map(quotas.map((row) => [row.workshopId, row.seatLimit]))),
    links: invites.map(linkOf),
  };
}

function linkOf(invite: InviteRow): CustomerLink {
  const { id, personal, state, opened, registered, confirmed, seatLimit, link, workshop } = invite;
  return {
    ...{ id, personal, state, opened, registered, confirmed, seatLimit, link },
    workshop: { id: workshop.id, title: workshop.title },
    owner: invite.member.name,
    person: invite.name ?? invite.email,
  };
}

function byWorkshop(
  registrations: RegistrationRow[],
  names: Map<string, string>,
  limits: Map<string, number>,
): CustomerWorkshop[] {
  const groups = Map.groupBy(registrations, (registration) => registration.workshop.id);
  return [...groups.values()]
    .map((group) => {
      const { startsAt, endsAt, ...workshop } = group[0]!.workshop;
      return {
        ...workshop,
        startsAt: startsAt?.toISOString() ?? null,
        endsAt: endsAt?.toISOString() ?? null,
        counts: countStates(group.map(({ state }) => ({ state, number: 1 }))),
        seatLimit: limits.get(workshop.id) ?? null,
        people: group.map((registration) => personOf(registration, names)),
      };
    })
    .sort((a, b) => (b.startsAt ?? "9").localeCompare(a.startsAt ?? "9"));
}

function personOf(registration: RegistrationRow, names: Map<string, string>): CustomerPerson {
  return {
    registrationId: registration.id,
    name: registration.typedName ?? registration.person.name,
    email: registration.person.email,
    jobTitle: registration.jobTitle,
    state: registration.state,
    accountManager: registration.memberId ? (names.get(registration.memberId) ?? null) : null,
    anonymized: registration.anonymizedAt !== null,
    registeredAt: registration.createdAt.toISOString(),
  };
}
