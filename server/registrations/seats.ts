import { Prisma, type WorkshopState } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { recordActivity } from "@/server/insights/activity";
import type { WaitReason } from "@/server/invites/invites";
import { enqueue } from "@/server/jobs/queue";
import { queueMail } from "@/server/mail/outbox";
import { offerDeadline } from "@/server/registrations/deadlines";
import { holdsSeat, mayMove, type RegistrationState } from "@/server/registrations/lifecycle";

/**
 * Seats. Every change of a registration's state that takes or frees one goes through changeSeat, under the lock of the
 * workshop's row; locks are always taken in the order workshop, then registration.
 */

export type LockedWorkshop = {
  id: string;
  teamId: string;
  state: WorkshopState;
  capacity: number;
  seatsTaken: number;
  lastOrdinal: number;
  /** Seats that the pool has an account for; null where it sets no limit. */
  poolSeats: number | null;
  /** Who has to say yes before a registration takes a seat; null for nobody. */
  approvalBy: string | null;
  sandboxProfileId: string | null;
  startsAt: Date | null;
  endsAt: Date | null;
  offerHours: number | null;
};

const workshopColumns = {
  ...{ id: true, teamId: true, state: true, capacity: true, seatsTaken: true, lastOrdinal: true },
  ...{ poolSeats: true, approvalBy: true, sandboxProfileId: true, startsAt: true, endsAt: true, offerHours: true },
} as const;

/**
 * Holds the workshop's row until the transaction ends, and returns it as it is now. `not_found` when there is none. The lock
 * leaves foreign keys alone (NO KEY UPDATE), so that whoever registers or writes a mail meanwhile does not wait.
 */
export async function lockWorkshop(tx: Tx, workshopId: string, teamId?: string): Promise<LockedWorkshop> {
  const [row] = await tx.$queryRaw<LockedWorkshop[]>`
    SELECT "id", "teamId", "state"::text AS "state", "capacity", "seatsTaken", "lastOrdinal", "poolSeats", "approvalBy", "sandboxProfileId",
      "startsAt", "endsAt",
      "offerHours"
    FROM "Workshop" WHERE "id" = ${workshopId} FOR NO KEY UPDATE`;
  if (!row || (teamId !== undefined && row.teamId !== teamId)) throw notFound("workshop");
  return row;
}

const turns = new Map<string, Promise<unknown>>();

/**
 * Lets work on one workshop begin one after another in this process. The lock alone keeps the seats right; this keeps two
 * hundred people who confirm at once from each holding a connection of the pool while they wait for it. Not reentrant.
 */
export async function inTurn<T>(workshopId: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(workshopId) ?? Promise.resolve();
  const mine = before.then(work);
  const settled = mine.catch(() => undefined);
  turns.set(workshopId, settled);
  try {
    return await mine;
  } finally {
    if (turns.get(workshopId) === settled) turns.delete(workshopId);
  }
}

/** At most so many are served in one turn. */
const together = 100;

/**
 * Lets those who come for a workshop while another turn runs share the next one, in the order in which they came: a burst takes
 * as few transactions as a handful. `serve` answers for each; an answer that is an error is thrown to the one it is for. Where
 * it fails as a whole, each is served alone, so that nobody fails for somebody else.
 */
export function sharingTurns<I, A>(
  serve: (workshopId: string, items: readonly I[]) => Promise<readonly (A | Error)[]>,
): (workshopId: string, item: I) => Promise<A> {
  type Waiting = { item: I; resolve(answer: A): void; reject(error: unknown): void };
  const next = new Map<string, Waiting[]>();
  const answer = ({ resolve, reject }: Waiting, given: A | Error | undefined) =>
    given instanceof Error ? reject(given) : resolve(given as A);
  const serveAlone = async (workshopId: string, one: Waiting) => {
    await serve(workshopId, [one.item]).then(([given]) => answer(one, given), one.reject);
  };
  const serveAll = async (workshopId: string, all: Waiting[]) => {
    if (next.get(workshopId) === all) next.delete(workshopId);
    if (all.length === 1) return serveAlone(workshopId, all[0]!);
    const given = await serve(
      workshopId,
      all.map(({ item }) => item),
    ).catch(() => null);
    for (const [at, one] of all.entries()) {
      if (given) answer(one, given[at]);
      else await serveAlone(workshopId, one);
    }
  };
  return (workshopId, item) =>
    new Promise<A>((resolve, reject) => {
      const waiting = next.get(workshopId);
      if (waiting && waiting.length < together) {
        waiting.push({ item, resolve, reject });
        return;
      }
      const all = [{ item, resolve, reject }];
      next.set(workshopId, all);
      void inTurn(workshopId, () => serveAll(workshopId, all));
    });
}

type Attribution = { memberId: string | null; customerId: string | null; inviteId: string | null };

type Held = { limit: number; held: number };

/** The limits of a workshop with what is held against each. Valid only while the workshop is locked. */
type Limits = {
  room: number;
  /** Seats that the pool still has an account for; null where it sets no limit. */
  inPool: number | null;
  ofMember: Map<string, Held>;
  ofCustomer: Map<string, Held>;
  ofInvite: Map<string, Held>;
};

/** As in the partial indexes registration_seats_…, which answer the counts: their size is that of what is held, not of the table. */
const holding = Prisma.sql`"state" IN ('offered', 'confirmed', 'attended', 'no_show')`;

/** Every limit of the workshop, or those of some registrations, in one query. */
async function readLimits(tx: Tx, workshop: LockedWorkshop, only?: readonly Attribution[]): Promise<Limits> {
  const { id, capacity, seatsTaken, poolSeats } = workshop;
  const wanted = (key: keyof Attribution) => [...new Set(only?.flatMap((one) => one[key] ?? []))];
  const one = (column: Prisma.Sql, key: keyof Attribution) =>
    only ? Prisma.sql`AND ${column} = ANY(${wanted(key)})` : Prisma.empty;
  // Links for one address are thousands, and of no interest here but for those who wait.
  const invites = only
    ? one(Prisma.sql`l."id"`, "inviteId")
    : Prisma.sql`AND l."id" IN (SELECT "inviteId" FROM "Registration" WHERE "workshopId" = ${id} AND "state" = 'waitlisted')`;
  const rows = await tx.$queryRaw<{ kind: string; id: string; limit: number; held: number }[]>`
    SELECT 'member' AS "kind", l."memberId" AS "id", l."seatLimit" AS "limit", (SELECT count(*)::int FROM "Registration"
      WHERE "workshopId" = ${id} AND "memberId" = l."memberId" AND ${holding}) AS "held"
    FROM "WorkshopAccountManager" l
    WHERE l."workshopId" = ${id} AND l."seatLimit" IS NOT NULL ${one(Prisma.sql`l."memberId"`, "memberId")}
    UNION ALL SELECT 'customer', l."customerId", l."seatLimit", (SELECT count(*)::int FROM "Registration"
      WHERE "workshopId" = ${id} AND "customerId" = l."customerId" AND ${holding})
    FROM "WorkshopCustomer" l
    WHERE l."workshopId" = ${id} ${one(Prisma.sql`l."customerId"`, "customerId")}
    UNION ALL SELECT 'invite', l."id", l."seatLimit", (SELECT count(*)::int FROM "Registration"
      WHERE "inviteId" = l."id" AND ${holding})
    FROM "Invite" l WHERE l."workshopId" = ${id} AND l."seatLimit" IS NOT NULL ${invites}`;
  const of = (kind: string) =>
    new Map(rows.filter((row) => row.kind === kind).map(({ id: key, limit, held }) => [key, { limit, held }]));
  return {
    room: capacity - seatsTaken,
    inPool: poolSeats === null ? null : poolSeats - seatsTaken,
    ofMember: of("member"),
    ofCustomer: of("customer"),
    ofInvite: of("invite"),
  };
}

/** The limits that count for one attribution, in the order in which they are named as the reason. */
function heldBy(limits: Limits, { memberId, customerId, inviteId }: Attribution): [WaitReason, Held | undefined][] {
  return [
    ["account_manager", memberId ? limits.ofMember.get(memberId) : undefined],
    ["customer", customerId ? limits.ofCustomer.get(customerId) : undefined],
    ["invite", inviteId ? limits.ofInvite.get(inviteId) : undefined],
  ];
}

/** Which limit stands against one more seat for this attribution; null when none does. */
function blockedBy(limits: Limits, attribution: Attribution): WaitReason | null {
  if (limits.room <= 0) return "capacity";
  if (limits.inPool !== null && limits.inPool <= 0) return "pool";
  return heldBy(limits, attribution).find(([, one]) => one && one.held >= one.limit)?.[0] ?? null;
}

function take(limits: Limits, attribution: Attribution): void {
  limits.room -= 1;
  if (limits.inPool !== null) limits.inPool -= 1;
  for (const [, one] of heldBy(limits, attribution)) if (one) one.held += 1;
}

export type SeatAnswer = {
  from: RegistrationState;
  state: RegistrationState;
  ordinal: number | null;
  /** Why a seat was asked for and not given. */
  waitReason: WaitReason | null;
};

const stamps: Partial<Record<RegistrationState, "cancelledAt">> = { cancelled: "cancelledAt" };

/**
 * The one function for seats: moves a registration to a state, under the workshop's lock (taken here; taking it before is
 * fine). Asking for `confirmed` where a limit is reached makes it `waitlisted`, or leaves it there, and says which limit.
 * The first confirmation gives the number that orders the waitlist. A move that the table does not have is a `conflict`; a
 * seat in a workshop that is not in registration or open is `not_ready`. Freeing a seat does not fill it: call
 * promoteWaitlist after.
 */
export async function changeSeat(
  ctx: Context,
  tx: Tx,
  input: { teamId: string; workshopId: string; registrationId: string; to: RegistrationState },
): Promise<SeatAnswer> {
  const workshop = await lockWorkshop(tx, input.workshopId, input.teamId);
  return changeLocked(ctx, tx, workshop, input);
}

/** The same for a workshop that the caller has locked; its counters in `workshop` move on with each change. */
export async function changeLocked(
  ctx: Context,
  tx: Tx,
  workshop: LockedWorkshop,
  input: { registrationId: string; to: RegistrationState; offerEndsAt?: Date | null },
): Promise<SeatAnswer> {
  const registration = await tx.registration.findFirst({
    where: { id: input.registrationId, teamId: workshop.teamId, workshopId: workshop.id },
    select: { id: true, state: true, ordinal: true, memberId: true, customerId: true, inviteId: true },
  });
  if (!registration) throw notFound("registration");
  const from: RegistrationState = registration.state;
  const takes = !holdsSeat(from) && holdsSeat(input.to);
  if (takes && !["registration", "open"].includes(workshop.state))
    throw new DomainError("not_ready", "Nobody can get a seat in this workshop any more.");
  const waitReason = takes ? blockedBy(await readLimits(tx, workshop, [registration]), registration) : null;
  const to = waitReason ? "waitlisted" : input.to;
  if (to === from && waitReason) return { from, state: from, ordinal: registration.ordinal, waitReason };
  if (!mayMove(from, to))
    throw new DomainError("conflict", "This registration has changed meanwhile. Load the page again.");
  // Who waits for somebody's yes has their place in the order already, however long that takes.
  const first = registration.ordinal === null && (holdsSeat(to) || to === "waitlisted" || to === "awaiting_approval");
  const ordinal = first ? workshop.lastOrdinal + 1 : registration.ordinal;
  const now = ctx.clock.now();
  const stamp = stamps[to];
  const { count } = await tx.registration.updateMany({
    where: { id: registration.id, state: from },
    data: {
      state: to,
      ...(first ? { ordinal, confirmedAt: now } : {}),
      ...(stamp ? { [stamp]: now } : {}),
      ...(to === "offered" ? { offerEndsAt: input.offerEndsAt } : {}),
      ...(to === "cancelled" ? { calendarSequence: { increment: 1 } } : {}),
    },
  });
  if (count === 0) throw new DomainError("conflict", "This registration has changed meanwhile. Load the page again.");
  const seats = Number(holdsSeat(to)) - Number(holdsSeat(from));
  if (seats !== 0 || first)
    await tx.workshop.update({
      where: { id: workshop.id },
      data: { seatsTaken: { increment: seats }, ...(first && ordinal ? { lastOrdinal: ordinal } : {}) },
      select: { id: true },
    });
  workshop.seatsTaken += seats;
  if (first && ordinal) workshop.lastOrdinal = ordinal;
  return { from, state: to, ordinal, waitReason };
}

/**
 * Moves unverified registrations to `to`, or to the waitlist where a limit stands against it, in the order given: the same
 * decision as changeLocked for one after another, in as many statements for a hundred as for one. `conflict` if one of them is
 * not unverified any more; then none is moved.
 */
export async function admitLocked(
  ctx: Context,
  tx: Tx,
  workshop: LockedWorkshop,
  { registrationIds, to }: { registrationIds: readonly string[]; to: "confirmed" | "awaiting_approval" },
): Promise<Map<string, SeatAnswer>> {
  const found = await tx.registration.findMany({
    where: { id: { in: [...registrationIds] }, teamId: workshop.teamId, workshopId: workshop.id },
    select: { id: true, state: true, memberId: true, customerId: true, inviteId: true },
  });
  const registrations = new Map(found.map((row) => [row.id, row]));
  const takes = holdsSeat(to);
  if (takes && !["registration", "open"].includes(workshop.state))
    throw new DomainError("not_ready", "Nobody can get a seat in this workshop any more.");
  const limits = takes ? await readLimits(tx, workshop, found) : null;
  const answers = new Map<string, SeatAnswer>();
  let { lastOrdinal, seatsTaken } = workshop;
  for (const id of registrationIds) {
    const registration = registrations.get(id);
    if (!registration) throw notFound("registration");
    const waitReason = limits ? blockedBy(limits, registration) : null;
    if (limits && !waitReason) {
      take(limits, registration);
      seatsTaken += 1;
    }
    lastOrdinal += 1;
    answers.set(id, {
      from: registration.state,
      state: waitReason ? "waitlisted" : to,
      ordinal: lastOrdinal,
      waitReason,
    });
  }
  const now = ctx.clock.now();
  const rows = [...answers].map(([id, { state, ordinal }]) => ({ id, state, ordinal }));
  const changed = await tx.$executeRaw`
    UPDATE "Registration" r SET "state" = x."state"::"RegistrationState", "ordinal" = x."ordinal", "confirmedAt" = ${now}, "updatedAt" = ${now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS x("id" text, "state" text, "ordinal" int)
    WHERE r."id" = x."id" AND r."state" = 'unverified'`;
  if (changed !== rows.length)
    throw new DomainError("conflict", "This registration has changed meanwhile. Load the page again.");
  await tx.workshop.update({ where: { id: workshop.id }, data: { seatsTaken, lastOrdinal }, select: { id: true } });
  Object.assign(workshop, { seatsTaken, lastOrdinal });
  return answers;
}

/**
 * Gives free seats to the waitlist, in the order of confirmation: each time the first for whom every limit (capacity, the
 * account manager's, the invite's) allows it. Where the workshop offers seats, it is held for them until the deadline; else it
 * is theirs. They are told by mail, and get an account where the workshop is open. Call it in the transaction that freed a
 * seat or raised a limit. Returns who moved up or got an offer.
 */
export async function promoteWaitlist(ctx: Context, tx: Tx, { workshopId }: { workshopId: string }): Promise<string[]> {
  const workshop = await lockWorkshop(tx, workshopId);
  const over = workshop.endsAt !== null && workshop.endsAt <= ctx.clock.now();
  if (over || !["registration", "open"].includes(workshop.state) || workshop.capacity <= workshop.seatsTaken) return [];
  const limits = await readLimits(tx, workshop);
  const waiting = await readWaiting(tx, workshopId);
  const offerEndsAt = offerDeadline(workshop, ctx.clock.now());
  const to = offerEndsAt ? "offered" : "confirmed";
  const promoted: string[] = [];
  for (const registration of waiting) {
    if (limits.room <= 0) break;
    if (blockedBy(limits, registration)) continue;
    await changeLocked(ctx, tx, workshop, { registrationId: registration.id, to, offerEndsAt });
    take(limits, registration);
    promoted.push(registration.id);
    await tellPromoted(ctx, tx, workshop, registration, offerEndsAt);
  }
  if (promoted.length > 0) await serveLate(ctx, tx, workshop);
  return promoted;
}

/** The waitlist, in the order of confirmation. */
function readWaiting(tx: Tx, workshopId: string) {
  return tx.registration.findMany({
    where: { workshopId, state: "waitlisted" },
    orderBy: { ordinal: "asc" },
    select: { id: true, memberId: true, inviteId: true, customerId: true, person: { select: { locale: true } } },
  });
}

async function tellPromoted(
  ctx: Context,
  tx: Tx,
  { id: workshopId, teamId }: LockedWorkshop,
  registration: Attribution & { id: string; person: { locale: string } },
  offerEndsAt: Date | null,
): Promise<void> {
  const { id: registrationId, memberId, inviteId, customerId, person } = registration;
  const kind = offerEndsAt ? "offered" : "promoted";
  await queueMail(ctx, tx, {
    kind,
    ...(offerEndsAt ? { notAfter: offerEndsAt } : {}),
    teamId,
    workshopId,
    registrationId,
    recipientKey: registrationId,
    occurrence: "1",
    locale: person.locale,
  });
  await recordActivity(ctx, tx, { kind, teamId, workshopId, memberId, inviteId, customerId });
  const entry = { action: `registration.${kind}`, entity: "registration", entityId: registrationId };
  await audit(ctx, tx, { teamId, ...entry });
}

/**
 * Why each of those on the waitlist is still there, in their order: the first limit that stands against them, counting those
 * before them as seated; null for one who would get a seat now. Read without a lock, for a page.
 */
export async function whyWaiting(tx: Tx, workshopId: string): Promise<Map<string, WaitReason | null>> {
  const workshop = await tx.workshop.findUnique({ where: { id: workshopId }, select: workshopColumns });
  const reasons = new Map<string, WaitReason | null>();
  if (!workshop) return reasons;
  const limits = await readLimits(tx, workshop);
  for (const registration of await readWaiting(tx, workshopId)) {
    const reason = blockedBy(limits, registration);
    if (!reason) take(limits, registration);
    reasons.set(registration.id, reason);
  }
  return reasons;
}

/**
 * Passes a seat from one registration to another of the same workshop, with its place in the order, and no limit asked: the
 * count stays. The caller has locked the workshop. `conflict` unless one is confirmed and the other unverified.
 */
export async function passSeat(
  ctx: Context,
  tx: Tx,
  workshop: LockedWorkshop,
  { fromId, toId }: { fromId: string; toId: string },
): Promise<void> {
  const now = ctx.clock.now();
  const ours = { teamId: workshop.teamId, workshopId: workshop.id };
  const giver = await tx.registration.findFirst({ where: { ...ours, id: fromId }, select: { ordinal: true } });
  // The order has no ties: the giver leaves it before the other takes the place.
  const given = await tx.registration.updateMany({
    where: { ...ours, id: fromId, state: "confirmed" },
    data: { state: "cancelled", cancelledAt: now, ordinal: null, calendarSequence: { increment: 1 } },
  });
  const taken = await tx.registration.updateMany({
    where: { ...ours, id: toId, state: "unverified" },
    data: { state: "confirmed", ordinal: giver?.ordinal, confirmedAt: now },
  });
  if (given.count === 0 || taken.count === 0)
    throw new DomainError("conflict", "This registration has changed meanwhile. Load the page again.");
}

/** Asks for accounts for those who got their seat while the workshop was open already. */
export async function serveLate(ctx: Context, tx: Tx, workshop: LockedWorkshop): Promise<void> {
  if (workshop.state !== "open" || !workshop.sandboxProfileId) return;
  await enqueue(ctx, tx, "workshops.serve-waiting", { workshopId: workshop.id });
}
