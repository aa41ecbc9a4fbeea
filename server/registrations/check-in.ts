import type { Prisma, WorkshopState } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { recordActivity } from "@/server/insights/activity";
import type { WaitReason } from "@/server/invites/invites";
import { queueMail } from "@/server/mail/outbox";
import { allowMember, type MemberActor, roomScope, roomWorkshopScope } from "@/server/permissions";
import { holdsSeat, isLive, mayMove, type RegistrationState } from "@/server/registrations/lifecycle";
import { questionsOf } from "@/server/registrations/questions";
import type { QuestionDefinition } from "@/server/registrations/schemas";
import { changeLocked, inTurn, type LockedWorkshop, lockWorkshop, serveLate } from "@/server/registrations/seats";
import { daysBefore } from "@/server/times";

/**
 * The door on the day: who is in the room, who may still come in, and, when the workshop closes, who attended. A check-in is
 * a mark on a confirmed registration; its state stays `confirmed` until closing settles it. Marks and closing wait for each
 * other on the workshop's row, so that nobody is marked after their attendance was settled.
 */

type Dated = { state: WorkshopState; startsAt: Date | null; endsAt: Date | null; timeZone: string };

/** Whether people can be checked in: not before `from` (null without a date), now, or no more. */
export type CheckInTime = { phase: "not_yet"; from: Date | null } | { phase: "now" } | { phase: "over" };

/**
 * Check-in runs from the first minute of the workshop's day on its own calendar, or from its opening where that is earlier,
 * until it closes; one that never opens, until its end.
 */
export function checkInTime({ state, startsAt, endsAt, timeZone }: Dated, now: Date): CheckInTime {
  if (state === "closing" || state === "closed" || state === "cancelled") return { phase: "over" };
  if (state === "open") return { phase: "now" };
  if (state === "draft" || !startsAt) return { phase: "not_yet", from: null };
  if (endsAt && endsAt <= now) return { phase: "over" };
  const from = daysBefore(startsAt, 0, "00:00", timeZone);
  return now < from ? { phase: "not_yet", from } : { phase: "now" };
}

function refuseTime(time: CheckInTime): void {
  if (time.phase === "over")
    throw new DomainError("not_ready", "The workshop is over, so nobody is checked in any more.");
  if (time.phase === "not_yet")
    throw new DomainError("not_ready", "People can be checked in from the day of the workshop on.", {
      reason: "early",
    });
}

// --- What the page shows ---------------------------------------------------------------------------------------------

export type RoomPerson = {
  id: string;
  name: string;
  company: string | null;
  /** Null for people of another account manager, whom a presenter of the workshop may check in and not write to. */
  email: string | null;
  state: RegistrationState;
  checkedInAt: Date | null;
  /** Whether they opened the console of their account: they are here, whoever forgot to check them in. */
  seen: boolean;
};

export type Room = {
  workshop: {
    id: string;
    title: string;
    startsAt: Date | null;
    endsAt: Date | null;
    timeZone: string;
    seatsFree: number;
  };
  /** Whether the member sees the workshop's other pages too: not an account manager who presents it and does not invite. */
  whole: boolean;
  time: CheckInTime;
  /** Of the people that the member sees: with a seat, and how many of them are checked in. */
  expected: number;
  checkedIn: number;
  /** By name. Whoever was made anonymous is not here any more. */
  people: RoomPerson[];
  /** Account managers that a walk-in can be put down to, for those who choose; their own name alone for one of them. */
  hosts: { memberId: string; name: string }[];
  /** What a walk-in has to be told before they are written down. */
  notice: { teamName: string; anonymizeAfterDays: number };
  /** What a walk-in is asked (doorQuestions). */
  questions: QuestionDefinition[];
};

const hostSelect = {
  memberId: true,
  member: { select: { removedAt: true, identity: { select: { name: true } } } },
} as const;

const workshopFields = {
  ...{ id: true, teamId: true, title: true, state: true, startsAt: true, endsAt: true, timeZone: true },
  ...{ capacity: true, seatsTaken: true },
  team: { select: { name: true, anonymizeAfterDays: true } },
  accountManagers: { select: hostSelect },
} as const satisfies Prisma.WorkshopSelect;

/** The workshop whose door the member may keep. Throws `not_found` for any other. */
export async function roomWorkshop(ctx: Context, workshopId: string) {
  const actor = allowMember(ctx.actor, "registration.edit");
  const workshop = await ctx.db.workshop.findFirst({
    where: { ...roomWorkshopScope(actor), id: workshopId },
    select: workshopFields,
  });
  if (!workshop) throw notFound("workshop");
  return { actor, workshop };
}

/** Everything that the check-in page shows to a member. */
export async function readRoom(ctx: Context, { workshopId }: { workshopId: string }): Promise<Room> {
  const { actor, workshop } = await roomWorkshop(ctx, workshopId);
  const rows = await ctx.db.registration.findMany({
    where: { AND: [roomScope(actor), { workshopId, anonymizedAt: null }] },
    select: {
      ...{ id: true, state: true, memberId: true, typedName: true, company: true },
      ...{ checkedInAt: true, consoleOpenedAt: true },
      person: { select: { name: true, email: true } },
      customer: { select: { name: true } },
    },
  });
  const people = rows.map(
    (row): RoomPerson => ({
      id: row.id,
      name: row.typedName ?? row.person.name ?? "",
      company: row.customer?.name ?? row.company,
      email: actor.role !== "account_manager" || row.memberId === actor.memberId ? row.person.email : null,
      state: row.state,
      checkedInAt: row.checkedInAt,
      seen: row.consoleOpenedAt !== null,
    }),
  );
  const order = new Intl.Collator("en", { sensitivity: "base" });
  people.sort((a, b) => order.compare(a.name, b.name) || a.id.localeCompare(b.id));
  const seated = people.filter((person) => ["confirmed", "attended", "no_show"].includes(person.state));
  const hosts = workshop.accountManagers
    .filter(({ member, memberId }) => !member.removedAt && mayChoose(actor, memberId))
    .map(({ memberId, member }) => ({ memberId, name: member.identity.name }));
  const { id, title, startsAt, endsAt, timeZone, capacity, seatsTaken, team } = workshop;
  return {
    workshop: { id, title, startsAt, endsAt, timeZone, seatsFree: Math.max(0, capacity - seatsTaken) },
    whole: actor.role !== "account_manager" || workshop.accountManagers.some((row) => row.memberId === actor.memberId),
    time: checkInTime(workshop, ctx.clock.now()),
    expected: seated.length,
    checkedIn: seated.filter((person) => person.checkedInAt).length,
    people,
    hosts,
    notice: { teamName: team.name, anonymizeAfterDays: team.anonymizeAfterDays },
    questions: doorQuestions(await questionsOf(ctx.db, workshopId)),
  };
}

/**
 * What somebody is asked at the door: nothing has to be answered, since a queue waits behind them and consent cannot be given
 * for somebody else; and nothing sensitive, since the screen is another person's. They can answer all of it in "my workshop".
 */
export function doorQuestions(questions: readonly QuestionDefinition[]): QuestionDefinition[] {
  return questions.filter((one) => one.dataClass !== "sensitive").map((one) => ({ ...one, required: false }));
}

const mayChoose = (actor: MemberActor, memberId: string) =>
  actor.role !== "account_manager" || memberId === actor.memberId;

/** The workshop of the code on an attendee's screen, for a member who keeps its door; `not_found` for anybody else. */
export async function findByCode(ctx: Context, { code }: { code: string }): Promise<{ workshopId: string }> {
  const actor = allowMember(ctx.actor, "registration.edit");
  const found = await ctx.db.registration.findFirst({
    where: { AND: [roomScope(actor), { id: code, anonymizedAt: null }] },
    select: { workshopId: true },
  });
  if (!found) throw notFound("registration");
  return found;
}

// --- Marking ---------------------------------------------------------------------------------------------------------

const markFields = {
  ...{ id: true, teamId: true, workshopId: true, state: true, checkedInAt: true },
  ...{ memberId: true, inviteId: true, customerId: true, noticeLocale: true },
} as const satisfies Prisma.RegistrationSelect;

type Marked = Prisma.RegistrationGetPayload<{ select: typeof markFields }>;

/** The registration of somebody at the door, as far as the member may mark it. */
async function atTheDoor(ctx: Context, registrationId: string, workshopId?: string): Promise<Marked> {
  const actor = allowMember(ctx.actor, "registration.edit");
  const found = await ctx.db.registration.findFirst({
    where: { AND: [roomScope(actor), { id: registrationId, anonymizedAt: null }] },
    select: markFields,
  });
  if (!found) throw notFound("registration");
  if (workshopId && found.workshopId !== workshopId)
    throw new DomainError("not_ready", "This is the code of another workshop.", { reason: "other_workshop" });
  return found;
}

/** Holds off the closing of the workshop until the transaction ends, and nothing else; refuses outside of its time. */
async function whileDoorsAreOpen(ctx: Context, tx: Tx, workshopId: string): Promise<void> {
  const [row] = await tx.$queryRaw<Dated[]>`
    SELECT "state"::text AS "state", "startsAt", "endsAt", "timeZone" FROM "Workshop" WHERE "id" = ${workshopId} FOR SHARE`;
  if (!row) throw notFound("workshop");
  refuseTime(checkInTime(row, ctx.clock.now()));
}

const noSeat: Partial<Record<RegistrationState, string>> = {
  unverified: "They have not confirmed their address, so they have no seat yet.",
  awaiting_approval: "Their registration has not been approved yet.",
  waitlisted: "They are on the waitlist and have no seat.",
  offered: "A seat is offered to them, which they have not taken yet.",
  rejected: "Their registration was turned down.",
  cancelled: "Their registration was cancelled.",
  expired: "Their registration has expired.",
};

export type CheckedIn = { registrationId: string; checkedInAt: Date; already: boolean };

/** How somebody was found at the door; kept in the audit entry. */
export type CheckInBy = "list" | "scan";

/**
 * Notes that somebody with a seat is in the room. A second call changes nothing and answers with the time of the first.
 * `not_ready` outside of the time for it, for somebody without a seat (reason: their state) and, where `workshopId` is given,
 * for the code of another workshop (`other_workshop`).
 */
export async function checkIn(
  ctx: Context,
  input: { registrationId: string; workshopId?: string; by?: CheckInBy },
): Promise<CheckedIn> {
  const { id, teamId, workshopId } = await atTheDoor(ctx, input.registrationId, input.workshopId);
  return ctx.db.$transaction(async (tx) => {
    await whileDoorsAreOpen(ctx, tx, workshopId);
    return markPresent(ctx, tx, { id, teamId, by: input.by ?? "list" });
  });
}

async function markPresent(
  ctx: Context,
  tx: Tx,
  { id, teamId, by }: { id: string; teamId: string; by: CheckInBy | "let_in" | "walk_in" },
): Promise<CheckedIn> {
  const now = ctx.clock.now();
  const { count } = await tx.registration.updateMany({
    where: { id, teamId, state: "confirmed", checkedInAt: null },
    data: { checkedInAt: now },
  });
  const row = await tx.registration.findUniqueOrThrow({ where: { id }, select: markFields });
  if (count === 0) {
    if (row.state === "confirmed" && row.checkedInAt)
      return { registrationId: id, checkedInAt: row.checkedInAt, already: true };
    const message = noSeat[row.state] ?? "Only somebody with a seat can be checked in.";
    throw new DomainError("not_ready", message, { reason: row.state });
  }
  const entry = { action: "registration.checked_in", entity: "registration", entityId: id };
  await audit(ctx, tx, { teamId, ...entry, detail: { by } });
  await recordActivity(ctx, tx, { kind: "checked_in", ...factOf(row) });
  return { registrationId: id, checkedInAt: now, already: false };
}

const factOf = ({ teamId, workshopId, inviteId, memberId, customerId }: Marked) => ({
  ...{ teamId, workshopId, inviteId, memberId, customerId },
});

/** Takes a check-in back, while people can be checked in. Twice changes nothing. */
export async function undoCheckIn(ctx: Context, input: { registrationId: string; workshopId?: string }): Promise<void> {
  const registration = await atTheDoor(ctx, input.registrationId, input.workshopId);
  const { id, teamId, workshopId } = registration;
  await ctx.db.$transaction(async (tx) => {
    await whileDoorsAreOpen(ctx, tx, workshopId);
    const { count } = await tx.registration.updateMany({
      where: { id, teamId, state: "confirmed", checkedInAt: { not: null } },
      data: { checkedInAt: null },
    });
    if (count === 0) return;
    await audit(ctx, tx, { teamId, action: "registration.check_in_undone", entity: "registration", entityId: id });
    await recordActivity(ctx, tx, { kind: "check_in_undone", ...factOf(registration) });
  });
}

const whyNoSeat: Record<string, string> = {
  capacity: "Every seat is taken. Raise the capacity of the workshop to let more people in.",
  account_manager: "The account manager who invited them has used up their seats. Raise that limit to let them in.",
  customer: "Their company has used up its seats. Raise that limit to let them in.",
  invite: "The link that they came through has no seats left. Raise its limit to let them in.",
  pool: "There is no AWS account for one more person. Add accounts to the pool to let them in.",
};

/** Why there is no seat, in words for whoever keeps the door. */
export function refuseSeat(reason: WaitReason): DomainError {
  return new DomainError("not_ready", whyNoSeat[reason] ?? "There is no seat for them.", { reason });
}

/**
 * Gives a seat to somebody who stands at the door and has none yet (waitlisted, offered one, not approved, address not
 * confirmed), and checks them in: one transaction, through the one function for seats, so that no limit is passed. They are
 * told by mail, and get an account where the workshop is open. `not_ready` with the limit in words; `conflict` for a
 * registration that has ended.
 */
export async function letIn(ctx: Context, input: { registrationId: string }): Promise<CheckedIn> {
  const registration = await atTheDoor(ctx, input.registrationId);
  const { id, teamId, workshopId } = registration;
  const admit = async (tx: Tx) => {
    const workshop = await lockWorkshop(tx, workshopId, teamId);
    await whileDoorsAreOpen(ctx, tx, workshopId);
    const now = await tx.registration.findUniqueOrThrow({ where: { id }, select: markFields });
    if (now.state === "confirmed") return markPresent(ctx, tx, { id, teamId, by: "list" });
    if (!isLive(now.state)) throw new DomainError("conflict", "This registration has ended. Add them as a walk-in.");
    if (now.state === "unverified" || now.state === "awaiting_approval") checkApproval(ctx, workshop);
    const answer = await changeLocked(ctx, tx, workshop, { registrationId: id, to: "confirmed" });
    if (answer.waitReason) throw refuseSeat(answer.waitReason);
    if (answer.from === "awaiting_approval" && ctx.actor.kind === "member")
      await tx.registration.updateMany({
        where: { id, teamId },
        data: { decidedById: ctx.actor.memberId, decidedAt: ctx.clock.now() },
      });
    const entry = { action: "registration.let_in", entity: "registration", entityId: id };
    await audit(ctx, tx, { teamId, ...entry, detail: { was: answer.from } });
    await tellSeat(ctx, tx, now, answer.from);
    await serveLate(ctx, tx, workshop);
    return markPresent(ctx, tx, { id, teamId, by: "let_in" });
  };
  return inTurn(workshopId, () => ctx.db.$transaction(admit));
}

/** Where a solutions architect says who may come, an account manager at the door does not. */
export function checkApproval(ctx: Context, { approvalBy }: Pick<LockedWorkshop, "approvalBy">): void {
  const manager = ctx.actor.kind === "member" && ctx.actor.role === "account_manager";
  if (manager && approvalBy === "solutions_architect")
    throw new DomainError("not_ready", "For this workshop a solutions architect says who may come. Ask one of them.");
}

/** The mail to somebody who got their seat at the door, and the fact for statistics. */
export async function tellSeat(ctx: Context, tx: Tx, row: Marked, from: RegistrationState): Promise<void> {
  const moved = from === "waitlisted" || from === "offered";
  await recordActivity(ctx, tx, { kind: moved ? "promoted" : "confirmed", ...factOf(row) });
  await queueMail(ctx, tx, {
    kind: from === "waitlisted" ? "promoted" : "confirmed",
    teamId: row.teamId,
    workshopId: row.workshopId,
    registrationId: row.id,
    recipientKey: row.id,
    occurrence: "door",
    locale: row.noticeLocale,
    urgent: true,
  });
}

/** Checks a walk-in in, in the transaction that gave them their seat. */
export async function markWalkIn(ctx: Context, tx: Tx, input: { id: string; teamId: string }): Promise<void> {
  await markPresent(ctx, tx, { ...input, by: "walk_in" });
}

/** A row as marking reads it, in the caller's transaction. */
export async function markedRow(tx: Tx, id: string): Promise<Marked> {
  return tx.registration.findUniqueOrThrow({ where: { id }, select: markFields });
}

// --- When the workshop closes, and after -----------------------------------------------------------------------------

/**
 * Says who came, when a workshop closes: whoever was checked in or opened the console attended, the other confirmed ones
 * did not. Where neither was seen of anybody, nothing is known, and all stay `confirmed`. In the caller's transaction; can
 * run twice.
 */
export async function settleAttendance(ctx: Context, tx: Tx, { workshopId }: { workshopId: string }): Promise<void> {
  await lockWorkshop(tx, workshopId);
  const came = { OR: [{ checkedInAt: { not: null } }, { consoleOpenedAt: { not: null } }] };
  if ((await tx.registration.count({ where: { workshopId, ...came } })) === 0) return;
  const updatedAt = ctx.clock.now();
  const confirmed = { workshopId, state: "confirmed" } as const;
  // Opening the console waits for no lock: whoever does it between the two statements is left for the second one.
  const unseen = { ...confirmed, checkedInAt: null, consoleOpenedAt: null };
  await tx.registration.updateMany({ where: unseen, data: { state: "no_show", updatedAt } });
  await tx.registration.updateMany({ where: { ...confirmed, ...came }, data: { state: "attended", updatedAt } });
}

/**
 * Puts right who came, after closing and until their data is deleted: `attended` or `no_show`, for the member's own people.
 * Saying it twice changes nothing; `not_ready` before closing, `conflict` for somebody who had no seat.
 */
export async function correctAttendance(ctx: Context, input: { registrationId: string; came: boolean }): Promise<void> {
  const actor = allowMember(ctx.actor, "registration.edit");
  const registration = await ctx.db.registration.findFirst({
    where: { AND: [roomScope(actor), { id: input.registrationId, anonymizedAt: null }] },
    select: markFields,
  });
  if (!registration) throw notFound("registration");
  const { id, teamId, workshopId } = registration;
  const to = input.came ? "attended" : "no_show";
  await ctx.db.$transaction(async (tx) => {
    const workshop = await lockWorkshop(tx, workshopId, teamId);
    if (workshop.state !== "closing" && workshop.state !== "closed")
      throw new DomainError("not_ready", "Who came is settled when the workshop closes; until then, check people in.");
    const { state: from } = await markedRow(tx, id);
    if (from === to) return;
    if (!holdsSeat(from) || !mayMove(from, to))
      throw new DomainError(
        "conflict",
        "They had no seat, so they are neither among those who came nor among the others.",
      );
    const { count } = await tx.registration.updateMany({
      where: { id, teamId, state: from, anonymizedAt: null },
      data: { state: to },
    });
    if (count === 0) throw new DomainError("conflict", "This registration has changed meanwhile. Load the page again.");
    const entry = { action: "registration.attendance_corrected", entity: "registration", entityId: id };
    await audit(ctx, tx, { teamId, ...entry, detail: { was: from, now: to } });
  });
}
