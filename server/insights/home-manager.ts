import type { Context } from "@/server/context";
import { listCustomers } from "@/server/insights/customers";
import { type NewRegistration, newRegistrations, upcoming } from "@/server/insights/home";
import { type InviteRow, listInvites } from "@/server/invites/invites";
import { consolePaths } from "@/server/paths";
import { allowMember, type MemberActor, roomWorkshopScope } from "@/server/permissions";
import { endStates, seatStates } from "@/server/registrations/lifecycle";
import { checkInTime } from "@/server/registrations/registrations";
import { listWorkshops, type WorkshopSummary } from "@/server/workshops/views";

/**
 * The first page of an account manager: their workshops, links and customers, and what needs them today. Everything in it is
 * attributed to them; of other account managers' people and customers it counts and names nobody.
 */

const day = 86_400_000;
/** Days before a workshop from which on its free seats are a matter for today. */
const soonDays = 7;
const week = 7 * day;

export type ManagerWorkshop = WorkshopSummary & {
  mySeats: number;
  /** People of theirs who wait for a yes or a no. */
  myApprovals: number;
  /** Seats that the account manager may fill; null = as long as there are any. */
  myLimit: number | null;
  /** Their own link; null before registration opened. */
  myLink: string | null;
};

export type MyLink = {
  id: string;
  workshop: { id: string; title: string };
  /** Null for everybody. */
  customer: string | null;
  link: string;
  opened: number;
  registered: number;
  /** ISO 8601. */
  expiresAt: string | null;
};

/** Something that waits for the account manager, with the page where it is done. */
export type Need = {
  id: string;
  severity: "error" | "warning" | "info";
  title: string;
  text: string;
  action: { label: string; href: string };
};

/** A workshop whose door they keep, since they present it: its check-in is theirs whether they invite to it or not. */
export type PresentedWorkshop = {
  id: string;
  title: string;
  /** ISO 8601. */
  startsAt: string | null;
  endsAt: string | null;
  timeZone: string;
  place: string;
  /** Whether people can be checked in now. */
  open: boolean;
};

export type MyCustomer = { id: string; name: string; registered: number; confirmed: number; waitlisted: number };

export type ManagerHome = {
  needs: Need[];
  workshops: ManagerWorkshop[];
  /** Those to come that they present, the next first. */
  presented: PresentedWorkshop[];
  /** Working links of workshops to come, without those for one address. */
  links: MyLink[];
  /** Those with most people first. */
  customers: MyCustomer[];
  sinceYesterday: NewRegistration[];
};

/** What an account manager sees first. */
export async function managerHome(ctx: Context): Promise<ManagerHome> {
  const actor = allowMember(ctx.actor, "workshop.read");
  const own = { teamId: actor.teamId, memberId: actor.memberId };
  const now = ctx.clock.now();
  // Where a solutions architect says yes or no, nobody waits for the account manager.
  const theirs = { OR: [{ approvalBy: null }, { approvalBy: { not: "solutions_architect" } }] };
  const [all, invites, limits, seats, customers, sinceYesterday, presented] = await Promise.all([
    listWorkshops(ctx),
    listInvites(ctx, { personal: false }),
    ctx.db.workshopAccountManager.findMany({ where: own }),
    ctx.db.registration.groupBy({
      by: ["workshopId", "state"],
      where: { ...own, OR: [{ state: { in: [...seatStates] } }, { state: "awaiting_approval", workshop: theirs }] },
      _count: true,
    }),
    listCustomers(ctx),
    newRegistrations(ctx, actor, new Date(now.getTime() - day)),
    presentedBy(ctx, actor),
  ]);
  const links = invites.flatMap((invite) => myLink(invite, now));
  const count = (workshopId: string, approvals: boolean) =>
    seats
      .filter((row) => row.workshopId === workshopId && (row.state === "awaiting_approval") === approvals)
      .reduce((sum, row) => sum + row._count, 0);
  const workshops = upcoming(all).map((workshop) => ({
    ...workshop,
    mySeats: count(workshop.id, false),
    myApprovals: count(workshop.id, true),
    myLimit: limits.find((row) => row.workshopId === workshop.id)?.seatLimit ?? null,
    myLink: links.find((one) => one.workshop.id === workshop.id && !one.customer)?.link ?? null,
  }));
  return {
    needs: await needsOf(ctx, actor, workshops, links),
    workshops,
    presented,
    links,
    customers: customers
      .map(({ id, name, counts }) => ({
        ...{ id, name, registered: counts.registered },
        ...{ confirmed: counts.confirmed, waitlisted: counts.waitlisted },
      }))
      .sort((a, b) => b.registered - a.registered || a.name.localeCompare(b.name))
      .slice(0, 10),
    sinceYesterday,
  };
}

async function presentedBy(ctx: Context, actor: MemberActor): Promise<PresentedWorkshop[]> {
  const now = ctx.clock.now();
  const rows = await ctx.db.workshop.findMany({
    where: {
      AND: [roomWorkshopScope(actor), { presenters: { some: { memberId: actor.memberId } } }],
      state: { in: ["registration", "open"] },
    },
    orderBy: [{ startsAt: { sort: "asc", nulls: "last" } }, { id: "asc" }],
    select: { id: true, title: true, state: true, startsAt: true, endsAt: true, timeZone: true, place: true },
  });
  return rows.flatMap(({ state, startsAt, endsAt, ...row }) => {
    const { phase } = checkInTime({ ...row, state, startsAt, endsAt }, now);
    if (phase === "over") return [];
    const dates = { startsAt: startsAt?.toISOString() ?? null, endsAt: endsAt?.toISOString() ?? null };
    return [{ ...row, ...dates, open: phase === "now" }];
  });
}

function myLink(invite: InviteRow, now: Date): MyLink[] {
  const { id, workshop, customer, link, opened, registered, expiresAt } = invite;
  if (!link || (expiresAt && expiresAt <= now)) return [];
  if (workshop.state !== "registration" && workshop.state !== "open") return [];
  return [
    {
      ...{ id, link, opened, registered },
      workshop: { id: workshop.id, title: workshop.title },
      customer: customer?.name ?? null,
      expiresAt: expiresAt?.toISOString() ?? null,
    },
  ];
}

const people = (count: number, verb: [string, string]) =>
  count === 1 ? `1 person ${verb[0]}` : `${count} people ${verb[1]}`;

/** What waits for them, the most pressing first: answers owed, mails that failed, free seats, links that end, declines. */
async function needsOf(
  ctx: Context,
  actor: MemberActor,
  workshops: ManagerWorkshop[],
  links: MyLink[],
): Promise<Need[]> {
  const now = ctx.clock.now();
  const here = new Map(workshops.map((workshop) => [workshop.id, workshop]));
  const [bounced, declined] = await Promise.all([
    lostMails(ctx, actor, [...here.keys()]),
    ctx.db.invite.groupBy({
      by: ["workshopId"],
      where: {
        ...{ teamId: actor.teamId, memberId: actor.memberId, workshopId: { in: [...here.keys()] } },
        ...{ revokedAt: null, declinedAt: { gte: new Date(now.getTime() - week) }, registrations: { none: {} } },
      },
      _count: true,
    }),
  ]);
  const of = (counts: { workshopId: string; _count: number }[], say: (workshop: ManagerWorkshop, n: number) => Need) =>
    counts.flatMap(({ workshopId, _count }) => {
      const workshop = here.get(workshopId);
      return workshop ? [say(workshop, _count)] : [];
    });
  return [
    ...workshops.flatMap(approvals),
    ...of(bounced, mailNeed),
    ...workshops.flatMap((workshop) => freeSeats(workshop, now)),
    ...links.flatMap((link) => ending(link, now)),
    ...of(declined, declineNeed),
  ];
}

/** Mails to the account manager's people and invitees that did not arrive and still matter, by workshop. */
async function lostMails(ctx: Context, actor: MemberActor, workshopIds: string[]) {
  const own = { teamId: actor.teamId, memberId: actor.memberId };
  const lost = await ctx.db.message.findMany({
    where: {
      ...{ teamId: actor.teamId, workshopId: { in: workshopIds } },
      state: { in: ["failed", "bounced", "complained", "suppressed", "in_doubt"] },
      OR: [
        { registration: { ...own, anonymizedAt: null, state: { notIn: [...endStates] } } },
        { kind: "invitation", memberId: actor.memberId },
      ],
    },
    select: { workshopId: true, inviteId: true, registrationId: true },
    take: 1000,
  });
  const invites = await ctx.db.invite.findMany({
    where: {
      ...own,
      id: { in: lost.flatMap((mail) => mail.inviteId ?? []) },
      revokedAt: null,
      registrations: { none: {} },
    },
    select: { id: true },
  });
  const live = new Set(invites.map(({ id }) => id));
  const matters = lost.filter((mail) => mail.registrationId !== null || live.has(mail.inviteId ?? ""));
  const groups = Map.groupBy(matters, (mail) => mail.workshopId ?? "");
  return [...groups].map(([workshopId, mails]) => ({ workshopId, _count: mails.length }));
}

function approvals({ id, title, myApprovals: waiting }: ManagerWorkshop): Need[] {
  if (waiting === 0) return [];
  const filter = encodeURIComponent("state=Awaiting approval");
  return [
    {
      id: `approve-${id}`,
      severity: "warning",
      title: `${title}: ${people(waiting, ["waits", "wait"])} for your answer`,
      text: "Nobody of them has a seat until you say yes.",
      action: { label: "Answer", href: `${consolePaths.workshop(id, "registrations")}?f=${filter}` },
    },
  ];
}

function mailNeed({ id, title }: ManagerWorkshop, count: number): Need {
  return {
    id: `mail-${id}`,
    severity: "error",
    title: `${title}: ${count} ${count === 1 ? "mail" : "mails"} to your people did not arrive`,
    text: "Their readers may not know that they are invited, or that they are in.",
    action: { label: "See the mails", href: consolePaths.workshop(id, "mail") },
  };
}

function freeSeats(workshop: ManagerWorkshop, now: Date): Need[] {
  const { id, title, startsAt, capacity, seatsTaken, myLimit, mySeats, state, pausedAt } = workshop;
  const until = startsAt ? new Date(startsAt).getTime() - now.getTime() : -1;
  const room = Math.max(0, capacity - seatsTaken);
  const free = myLimit === null ? room : Math.min(room, myLimit - mySeats);
  if (state !== "registration" || pausedAt || until < 0 || until > soonDays * day || free <= 0) return [];
  const whose = myLimit === null ? `${capacity} seats` : `your ${myLimit} seats`;
  return [
    {
      id: `seats-${id}`,
      severity: "info",
      title: `${title}: ${free} of ${whose} ${free === 1 ? "is" : "are"} free`,
      text: "It starts within the week: somebody may be glad of a reminder.",
      action: { label: "Invite", href: consolePaths.workshop(id, "invitations") },
    },
  ];
}

function ending({ id, workshop, customer, expiresAt }: MyLink, now: Date): Need[] {
  if (!expiresAt || new Date(expiresAt).getTime() - now.getTime() > week) return [];
  return [
    {
      id: `link-${id}`,
      severity: "warning",
      title: `${workshop.title}: the link for ${customer ?? "everybody"} ends soon`,
      text: "From then on it lets nobody in. A later date keeps it going.",
      action: { label: "See the link", href: `${consolePaths.workshop(workshop.id, "invitations")}?row=${id}` },
    },
  ];
}

function declineNeed({ id, title }: ManagerWorkshop, count: number): Need {
  return {
    id: `declined-${id}`,
    severity: "info",
    title: `${title}: ${people(count, ["says", "say"])} that it is not for them`,
    text: "Since a week ago. Somebody else may want the seat.",
    action: {
      label: count === 1 ? "See who" : "See them",
      href: `${consolePaths.workshop(id, "invitations")}?state=declined`,
    },
  };
}
