import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { recordActivity } from "@/server/insights/activity";
import type { Host, WaitReason } from "@/server/invites/invites";
import { queueMail } from "@/server/mail/outbox";
import { type AttendeeActor, allowMember, attributedScope } from "@/server/permissions";
import { admitBrowser } from "@/server/registrations/browsers";
import {
  findLink,
  hostOf,
  type LinkProblem,
  type LoadedLink,
  overProblem,
  refreshLink,
  stillVerifies,
} from "@/server/registrations/links";
import {
  changeLocked,
  inTurn,
  type LockedWorkshop,
  lockWorkshop,
  promoteWaitlist,
  serveLate,
  whyWaiting,
} from "@/server/registrations/seats";

/**
 * Offers: a seat that became free is held for the next on the waitlist until a deadline. They take it, decline it, or the
 * deadline passes; in the last two cases the registration ends and the next one gets an offer, in the same transaction
 * (docs/decisions). Making an offer is part of seats.ts.
 */

/** Why an offer cannot be answered. `used`: the seat is theirs already. `offer_over`: its deadline has passed. */
export type OfferProblem = LinkProblem | "offer_over";

const words: Record<OfferProblem | "unknown", string> = {
  unknown: "This link is not complete or not right. Open it again from the mail.",
  used: "This seat is yours already.",
  offer_over: "The time for this offer is over, and the seat went to the next on the list.",
  expired: "This link has expired.",
  revoked: "This link was withdrawn.",
  registration_over: "This registration was cancelled.",
  invite_revoked: "The invitation that this registration came through was withdrawn.",
  workshop_cancelled: "This workshop was cancelled.",
  workshop_closed: "This workshop is over.",
  anonymized: "This data was deleted.",
};

function refuse(problem: OfferProblem | "unknown"): never {
  const say = problem === "offer_over" ? ({ key: "offerOver" } as const) : undefined;
  throw new DomainError(problem === "unknown" ? "not_found" : "gone", words[problem], { reason: problem, say });
}

type Offered = {
  id: string;
  teamId: string;
  workshopId: string;
  memberId: string | null;
  inviteId: string | null;
  customerId: string | null;
  noticeLocale: string;
};

// --- By the link in the mail -----------------------------------------------------------------------------------------

function offerProblem(link: LoadedLink, now: Date): OfferProblem | null {
  const { state, offerEndsAt, anonymizedAt, workshop } = link.registration;
  if (anonymizedAt) return "anonymized";
  if (workshop.state === "cancelled") return "workshop_cancelled";
  if (state === "expired" && ["registration", "open"].includes(workshop.state)) return "offer_over";
  if (state === "cancelled" || state === "rejected" || state === "expired") return overProblem(link);
  if (link.revokedAt) return "revoked";
  if (state !== "offered") return "used";
  return !offerEndsAt || offerEndsAt <= now ? "offer_over" : null;
}

export type OfferPage = {
  problem: OfferProblem | null;
  registrationId: string;
  endsAt: Date | null;
  host: Host;
  team: LoadedLink["registration"]["workshop"]["team"];
  workshop: Omit<LoadedLink["registration"]["workshop"], "team" | "state">;
};

/** What the page of an offer shows. Changes nothing: mail scanners open links too. Null for an unknown link. */
export async function readOffer(ctx: Context, input: { token: string }): Promise<OfferPage | null> {
  const link = await findLink(ctx, input.token, "offer");
  if (!link) return null;
  const { registration, registrationId } = link;
  const { team, state: _state, ...workshop } = registration.workshop;
  return {
    problem: offerProblem(link, ctx.clock.now()),
    registrationId,
    endsAt: registration.offerEndsAt,
    host: hostOf(registration.invite?.member ?? null, team),
    team,
    workshop,
  };
}

/** Answers an offer under the lock of its workshop. Taking a seat that is theirs already changes nothing. */
async function answerByLink(ctx: Context, token: string, answer: "take" | "decline"): Promise<LoadedLink> {
  const known = await findLink(ctx, token, "offer");
  if (!known) refuse("unknown");
  const { workshopId } = known.registration;
  return inTurn(workshopId, () =>
    ctx.db.$transaction(async (tx) => {
      const workshop = await lockWorkshop(tx, workshopId, known.teamId);
      const link = await refreshLink(tx, known, workshop);
      const now = ctx.clock.now();
      const problem = link ? offerProblem(link, now) : "anonymized";
      if (!link || (problem && !(problem === "used" && answer === "take"))) refuse(problem ?? "unknown");
      await tx.personalLink.updateMany({ where: { id: link.id, usedAt: null }, data: { usedAt: now } });
      const offered = { ...link.registration, teamId: link.teamId };
      if (problem === null) await (answer === "take" ? take : decline)(ctx, tx, workshop, offered);
      return link;
    }),
  );
}

/**
 * The button of the offer's mail: the seat is confirmed, and the browser verified. Pressed again it changes nothing and leads
 * to the same place. Throws `not_found` or `gone` with the reason (`offer_over` once the deadline has passed).
 */
export async function acceptOffer(
  ctx: Context,
  input: { token: string; browserToken?: string | null },
): Promise<{ registrationId: string; browserToken: string }> {
  const { teamId, registrationId, ...link } = await answerByLink(ctx, input.token, "take");
  const verified = stillVerifies({ ...link, teamId, registrationId }, ctx.clock.now());
  const oldToken = input.browserToken ?? null;
  const browserToken = await ctx.db.$transaction((tx) =>
    admitBrowser(ctx, tx, { teamId, registrationId, verified, oldToken }),
  );
  return { registrationId, browserToken };
}

/** The other button: the registration ends, and the seat is offered to the next. A second call is `gone`. */
export async function declineOffer(ctx: Context, input: { token: string }): Promise<void> {
  await answerByLink(ctx, input.token, "decline");
}

// --- On "my workshop" ------------------------------------------------------------------------------------------------

/** The same from a verified browser. `conflict` once there is no offer (any more), `unverified`. */
export async function answerMyOffer(ctx: Context<AttendeeActor>, input: { answer: "take" | "decline" }): Promise<void> {
  const { teamId, registrationId: id, verified } = ctx.actor;
  if (!verified) throw new DomainError("unverified", "First show that this is you: with the code that we mail you.");
  const where = { id, teamId, anonymizedAt: null };
  const known = await ctx.db.registration.findFirst({ where, select: { workshopId: true } });
  if (!known) throw notFound("registration");
  await inTurn(known.workshopId, () =>
    ctx.db.$transaction(async (tx) => {
      const workshop = await lockWorkshop(tx, known.workshopId, teamId);
      const offered = await tx.registration.findFirst({
        where: { ...where, state: "offered" },
        select: offeredColumns,
      });
      if (!offered) throw new DomainError("conflict", "There is no offer to answer any more. Load the page again.");
      if (!offered.offerEndsAt || offered.offerEndsAt <= ctx.clock.now()) refuse("offer_over");
      await (input.answer === "take" ? take : decline)(ctx, tx, workshop, offered);
    }),
  );
}

const offeredColumns = {
  ...{ id: true, teamId: true, workshopId: true, memberId: true, inviteId: true, customerId: true },
  ...{ noticeLocale: true, offerEndsAt: true },
} as const;

// --- What becomes of an offer ----------------------------------------------------------------------------------------

async function take(ctx: Context, tx: Tx, workshop: LockedWorkshop, offered: Offered): Promise<void> {
  await changeLocked(ctx, tx, workshop, { registrationId: offered.id, to: "confirmed" });
  await tell(ctx, tx, offered, { mail: "confirmed", activity: "promoted", action: "offer_accepted" });
  await serveLate(ctx, tx, workshop);
}

async function decline(ctx: Context, tx: Tx, workshop: LockedWorkshop, offered: Offered): Promise<void> {
  await changeLocked(ctx, tx, workshop, { registrationId: offered.id, to: "cancelled" });
  await endLinks(ctx, tx, offered.id);
  await tell(ctx, tx, offered, { mail: "registration_cancelled", activity: "cancelled", action: "offer_declined" });
  await promoteWaitlist(ctx, tx, { workshopId: workshop.id });
}

async function lapse(ctx: Context, tx: Tx, workshop: LockedWorkshop, offered: Offered): Promise<void> {
  await changeLocked(ctx, tx, workshop, { registrationId: offered.id, to: "expired" });
  await endLinks(ctx, tx, offered.id);
  await tell(ctx, tx, offered, { mail: "offer_lapsed", activity: "cancelled", action: "offer_lapsed" });
}

async function endLinks(ctx: Context, tx: Tx, registrationId: string): Promise<void> {
  // The offer's own link stays: it says what became of the offer.
  const where = { registrationId, revokedAt: null, purpose: { not: "offer" } };
  await tx.personalLink.updateMany({ where, data: { revokedAt: ctx.clock.now() } });
}

async function tell(
  ctx: Context,
  tx: Tx,
  { id, teamId, workshopId, memberId, inviteId, customerId, noticeLocale }: Offered,
  as: {
    mail: "confirmed" | "registration_cancelled" | "offer_lapsed";
    activity: "promoted" | "cancelled";
    action: "offer_accepted" | "offer_declined" | "offer_lapsed";
  },
): Promise<void> {
  await recordActivity(ctx, tx, { kind: as.activity, teamId, workshopId, memberId, inviteId, customerId });
  await audit(ctx, tx, { teamId, action: `registration.${as.action}`, entity: "registration", entityId: id });
  await queueMail(ctx, tx, {
    ...{ kind: as.mail, teamId, workshopId, registrationId: id, recipientKey: id, locale: noticeLocale },
    occurrence: "offer",
  });
}

// --- The clock -------------------------------------------------------------------------------------------------------

/**
 * Job, each minute: offers whose deadline has passed end, and each seat goes on to the next. One transaction for a workshop,
 * so that it can be stopped and run again, and by two workers at once; a workshop that fails does not hold back the others.
 */
export async function lapseOffers(ctx: Context): Promise<void> {
  const due = await ctx.db.registration.findMany({
    where: { state: "offered", offerEndsAt: { lte: ctx.clock.now() } },
    distinct: ["workshopId"],
    select: { workshopId: true },
  });
  const bugs: unknown[] = [];
  for (const { workshopId } of due) await lapseIn(ctx, workshopId).catch((error: unknown) => bugs.push(error));
  if (bugs.length > 0) throw bugs[0];
}

async function lapseIn(ctx: Context, workshopId: string): Promise<void> {
  await inTurn(workshopId, () =>
    ctx.db.$transaction(async (tx) => {
      const workshop = await lockWorkshop(tx, workshopId);
      const lapsed = await tx.registration.findMany({
        where: { workshopId, state: "offered", offerEndsAt: { lte: ctx.clock.now() } },
        orderBy: { ordinal: "asc" },
        select: offeredColumns,
      });
      for (const offered of lapsed) await lapse(ctx, tx, workshop, offered);
      if (lapsed.length > 0) await promoteWaitlist(ctx, tx, { workshopId });
    }),
  );
}

/** No offer outlasts the start: after a workshop was moved to an earlier date. In the transaction of the change. */
export async function capOffers(tx: Tx, workshop: { id: string; startsAt: Date | null }): Promise<void> {
  const { id: workshopId, startsAt } = workshop;
  if (!startsAt) return;
  const late = { workshopId, state: "offered" as const, offerEndsAt: { gt: startsAt } };
  await tx.registration.updateMany({ where: late, data: { offerEndsAt: startsAt } });
}

/** Ends the offers of a workshop that closes: nobody is told, the seats count as free. In the caller's transaction. */
export async function endOffers(ctx: Context, tx: Tx, input: { workshopId: string }): Promise<void> {
  const workshop = await lockWorkshop(tx, input.workshopId);
  const where = { workshopId: workshop.id, state: "offered" as const };
  for (const { id } of await tx.registration.findMany({ where, select: { id: true } }))
    await changeLocked(ctx, tx, workshop, { registrationId: id, to: "expired" });
}

// --- The order, for members ------------------------------------------------------------------------------------------

/** What stands between somebody and a seat. `next`: nothing; they move up with the next change. */
export type WhyWaiting = {
  code: WaitReason | "next" | "over";
  /** The account manager or customer whose limit it is, and the limit. */
  whose: string | null;
  limit: number | null;
};

export type WaitlistOrder = {
  /** Whom a seat is offered to, the first deadline first. */
  offered: { registrationId: string; name: string | null; endsAt: Date }[];
  waiting: { registrationId: string; name: string | null; position: number; since: Date | null; why: WhyWaiting }[];
  /** Before the waitlist: the address is not confirmed, or somebody has to say yes. */
  before: { unverified: number; awaitingApproval: number };
  /** Seats that are held by offers to anybody, also people whom the member may not see. */
  seatsOffered: number;
  offerHours: number | null;
};

/**
 * The waitlist of a workshop in its order, with the reason why each is still on it, as far as the member may see the people
 * (an account manager: their own; the places are those among all). `not_found`.
 */
export async function waitlistOrder(ctx: Context, input: { workshopId: string }): Promise<WaitlistOrder> {
  const actor = allowMember(ctx.actor, "registration.read");
  const { workshopId } = input;
  const workshop = await ctx.db.workshop.findFirst({
    where: { id: workshopId, teamId: actor.teamId },
    select: { state: true, endsAt: true, capacity: true, offerHours: true },
  });
  if (!workshop) throw notFound("workshop");
  const scope = attributedScope(actor);
  const [reasons, rows, counts, seatsOffered] = await Promise.all([
    whyWaiting(ctx.db, workshopId),
    ctx.db.registration.findMany({
      where: { ...scope, workshopId, state: { in: ["offered", "waitlisted"] } },
      orderBy: { ordinal: "asc" },
      select: {
        ...{ id: true, state: true, confirmedAt: true, offerEndsAt: true, memberId: true, customerId: true },
        person: { select: { name: true } },
        invite: { select: { seatLimit: true } },
      },
    }),
    ctx.db.registration.groupBy({
      by: ["state"],
      where: { ...scope, workshopId, state: { in: ["unverified", "awaiting_approval"] } },
      _count: true,
    }),
    ctx.db.registration.count({ where: { workshopId, state: "offered" } }),
  ]);
  const limits = await limitsOf(ctx, workshopId);
  const over = workshop.endsAt !== null && workshop.endsAt <= ctx.clock.now();
  const closed = over || !["registration", "open"].includes(workshop.state);
  const places = new Map([...reasons.keys()].map((id, index) => [id, index + 1]));
  const why = (row: (typeof rows)[number]): WhyWaiting => {
    const code = closed ? "over" : (reasons.get(row.id) ?? "next");
    if (code === "capacity") return { code, whose: null, limit: workshop.capacity };
    if (code === "invite") return { code, whose: null, limit: row.invite?.seatLimit ?? null };
    const known = code === "account_manager" ? row.memberId : code === "customer" ? row.customerId : null;
    return { code, ...(limits.get(known ?? "") ?? { whose: null, limit: null }) };
  };
  const count = (state: string) => counts.find((group) => group.state === state)?._count ?? 0;
  return {
    offered: rows
      .flatMap(({ id, state, offerEndsAt, person }) =>
        state === "offered" && offerEndsAt ? [{ registrationId: id, name: person.name, endsAt: offerEndsAt }] : [],
      )
      .sort((a, b) => a.endsAt.getTime() - b.endsAt.getTime()),
    waiting: rows
      .filter((row) => row.state === "waitlisted")
      .map((row) => ({
        ...{ registrationId: row.id, name: row.person.name, since: row.confirmedAt },
        ...{ position: places.get(row.id) ?? 0, why: why(row) },
      })),
    before: { unverified: count("unverified"), awaitingApproval: count("awaiting_approval") },
    seatsOffered,
    offerHours: workshop.offerHours,
  };
}

/** The limits by the id of the member or customer whose they are. */
async function limitsOf(
  ctx: Context,
  workshopId: string,
): Promise<Map<string, { whose: string; limit: number | null }>> {
  const [managers, customers] = await Promise.all([
    ctx.db.workshopAccountManager.findMany({
      where: { workshopId },
      select: { memberId: true, seatLimit: true, member: { select: { identity: { select: { name: true } } } } },
    }),
    ctx.db.workshopCustomer.findMany({
      where: { workshopId },
      select: { customerId: true, seatLimit: true, customer: { select: { name: true } } },
    }),
  ]);
  return new Map([
    ...managers.map((row) => [row.memberId, { whose: row.member.identity.name, limit: row.seatLimit }] as const),
    ...customers.map((row) => [row.customerId, { whose: row.customer.name, limit: row.seatLimit }] as const),
  ]);
}
