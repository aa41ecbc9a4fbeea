import type { z } from "zod";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { recordActivity } from "@/server/insights/activity";
import type { Host } from "@/server/invites/invites";
import type { Say } from "@/server/languages/languages";
import { queueMail } from "@/server/mail/outbox";
import type { AttendeeActor } from "@/server/permissions";
import { limit } from "@/server/rate-limit";
import { admitBrowser } from "@/server/registrations/browsers";
import { handoverDeadline } from "@/server/registrations/deadlines";
import { endStates, holdsSeat } from "@/server/registrations/lifecycle";
import { findLink, hostOf, type LoadedLink, stillVerifies } from "@/server/registrations/links";
import { noticeVersion } from "@/server/registrations/notice";
import { questionsOf, saveAnswers } from "@/server/registrations/questions";
import {
  answersFor,
  colleagueForm,
  domainAllowed,
  handoverForm,
  type QuestionDefinition,
} from "@/server/registrations/schemas";
import { changeLocked, inTurn, type LockedWorkshop, lockWorkshop, passSeat } from "@/server/registrations/seats";
import { startTakingBack } from "@/server/sandboxes/sandboxes";
import { isTimeZone } from "@/server/times";

/**
 * Handing over a seat to a colleague: asked for from a verified browser, taken by the colleague through a link of their own,
 * with their own notice and consent. The seat passes in one transaction: a new registration takes the place of the old one,
 * which ends with its links and browsers (docs/decisions).
 */

/** Why a seat cannot be handed over. */
export type HandoverObstacle = "no_seat" | "too_late" | "approval";

const obstacleWords: Record<HandoverObstacle, string> = {
  no_seat: "Only a seat that is yours can be handed over.",
  too_late: "The workshop is about to start, so a seat can no longer be handed over. Ask in the room.",
  approval: "In this workshop somebody says yes to each person, so a seat cannot be handed over.",
};
const obstacleSay = {
  no_seat: "handoverNoSeat",
  too_late: "handoverTooLate",
  approval: "handoverApproval",
} as const satisfies Record<HandoverObstacle, Say["key"]>;

/** What of a seat and its workshop decides about handing it over. */
const seatColumns = {
  ...{ id: true, teamId: true, workshopId: true, personId: true, state: true },
  ...{ memberId: true, inviteId: true, customerId: true },
  person: { select: { email: true, locale: true } },
  invite: {
    select: {
      personal: true,
      member: { select: { removedAt: true, identity: { select: { name: true, email: true } } } },
    },
  },
  workshop: {
    select: {
      ...{ state: true, startsAt: true, approvalBy: true, allowedDomains: true },
      team: { select: { senderName: true, senderEmail: true } },
    },
  },
} as const;

async function readSeat(tx: Tx, where: { id: string; teamId: string }) {
  return tx.registration.findFirst({ where: { ...where, anonymizedAt: null }, select: seatColumns });
}
type Seat = NonNullable<Awaited<ReturnType<typeof readSeat>>>;

function obstacleOf({ state, workshop }: Seat, now: Date): HandoverObstacle | null {
  if (state !== "confirmed") return "no_seat";
  if (workshop.state !== "registration" || (workshop.startsAt && workshop.startsAt <= now)) return "too_late";
  return workshop.approvalBy ? "approval" : null;
}

function refuseSeat(obstacle: HandoverObstacle): never {
  throw new DomainError("not_ready", obstacleWords[obstacle], {
    reason: obstacle,
    say: { key: obstacleSay[obstacle] },
  });
}

const domainOf = (email: string) => email.slice(email.lastIndexOf("@") + 1);

/** Which addresses a seat may go to: those that may register here, and for one that was invited by name those of its company. */
function checkAddress({ person, invite, workshop }: Seat, email: string): void {
  const host = hostOf(invite?.member ?? null, workshop.team);
  const own = invite?.personal && person.email ? [domainOf(person.email)] : [];
  const problem = (message: string, say: Say) =>
    new DomainError("invalid", message, { fields: { email: message }, say, sayFields: { email: say } });
  if (email === person.email)
    throw problem("This is your own address. Enter that of your colleague.", { key: "handoverSelf" });
  const wanted = domainAllowed(workshop.allowedDomains, email) ? own : workshop.allowedDomains;
  if (domainAllowed(wanted, email)) return;
  const values = { domains: wanted.join(", "), host: host.name, address: host.email };
  throw problem(`This seat can go to addresses of ${values.domains}. For others, ask ${host.name}: ${host.email}.`, {
    key: "handoverDomain",
    values,
  });
}

// --- The giver -------------------------------------------------------------------------------------------------------

export type MyHandover = {
  /** Why the seat cannot be handed over now; null when it can. */
  obstacle: HandoverObstacle | null;
  pending: { name: string; email: string; endsAt: Date } | null;
};

/** What "my workshop" says about handing over the seat; for a verified browser. */
export async function myHandover(ctx: Context<AttendeeActor>): Promise<MyHandover> {
  const { teamId, registrationId: id, verified } = ctx.actor;
  const seat = verified ? await readSeat(ctx.db, { id, teamId }) : null;
  if (!seat) return { obstacle: "no_seat", pending: null };
  const now = ctx.clock.now();
  const pending = await ctx.db.handover.findFirst({
    where: { registrationId: id, teamId, state: "pending", endsAt: { gt: now } },
    select: { name: true, email: true, endsAt: true },
  });
  const { name, email, endsAt } = pending ?? {};
  return {
    obstacle: obstacleOf(seat, now),
    pending: endsAt ? { name: name ?? "", email: email ?? "", endsAt } : null,
  };
}

function verifiedSelf(ctx: Context<AttendeeActor>): { id: string; teamId: string } {
  const { registrationId: id, teamId, verified } = ctx.actor;
  if (!verified)
    throw new DomainError("unverified", "First show that this is you: with the code that we mail you.", {
      say: { key: "unverified" },
    });
  return { id, teamId };
}

/**
 * Asks a colleague by mail to take over the seat, which stays the giver's until they do. One at a time. Says nothing about
 * whether the address is known. Throws `invalid` with fields, `not_ready` with the obstacle as reason, `conflict` while
 * another colleague is asked, `unverified`, `too_many`.
 */
export async function startHandover(
  ctx: Context<AttendeeActor>,
  input: { form: z.input<typeof handoverForm> },
): Promise<{ handoverId: string }> {
  const self = verifiedSelf(ctx);
  const form = handoverForm.parse(input.form);
  const { teamId } = self;
  await limit(ctx, "handover", self.id, { points: 6, seconds: 86_400 });
  await limit(ctx, "register-address", `${teamId}:${form.email}`, { points: 8, seconds: 3600 });
  return ctx.db.$transaction(async (tx) => {
    const seat = await readSeat(tx, self);
    if (!seat) throw notFound("registration");
    const now = ctx.clock.now();
    const obstacle = obstacleOf(seat, now);
    if (obstacle) refuseSeat(obstacle);
    checkAddress(seat, form.email);
    const id = ctx.newId("handover");
    const endsAt = handoverDeadline(seat.workshop.startsAt, now);
    const row = { id, teamId, registrationId: self.id, ...form, endsAt, createdAt: now };
    const { count } = await tx.handover.createMany({ data: [row], skipDuplicates: true });
    if (count === 0)
      throw new DomainError("conflict", "A colleague is asked already. Take that back first.", {
        say: { key: "handoverPending" },
      });
    await audit(ctx, tx, auditOf(seat, "handover_started"));
    const { workshopId } = seat;
    await queueMail(ctx, tx, {
      ...{ kind: "handover_offer", teamId, workshopId, registrationId: self.id, locale: form.locale },
      ...{ recipientKey: id, occurrence: "1", notAfter: endsAt },
    });
    return { handoverId: id };
  });
}

const auditOf = ({ id, teamId }: { id: string; teamId: string }, action: string, detail = {}) => ({
  ...{ teamId, action: `registration.${action}`, entity: "registration", entityId: id, detail },
});

/** Takes it back: the colleague's link is dead at once. A second call, or one that came too late, is a `conflict`. */
export async function withdrawHandover(ctx: Context<AttendeeActor>): Promise<void> {
  const self = verifiedSelf(ctx);
  await ctx.db.$transaction(async (tx) => {
    const pending = await tx.handover.findFirst({
      where: { registrationId: self.id, teamId: self.teamId, state: "pending" },
      select: { id: true },
    });
    if (!pending || !(await endHandover(ctx, tx, pending.id, "withdrawn")))
      throw new DomainError("conflict", "There is nothing to take back any more. Load the page again.");
    await audit(ctx, tx, auditOf(self, "handover_withdrawn"));
  });
}

/** Ends one that is pending, and forgets the colleague's address. False where it had ended already. */
async function endHandover(
  ctx: Context,
  tx: Tx,
  id: string,
  state: "withdrawn" | "declined" | "expired",
): Promise<boolean> {
  const { count } = await tx.handover.updateMany({
    where: { id, state: "pending" },
    data: { state, email: null, name: null, endedAt: ctx.clock.now() },
  });
  if (count > 0)
    await tx.message.updateMany({
      where: { recipientKey: id, kind: "handover_offer", state: "queued" },
      data: { state: "cancelled", lastError: "Overtaken by what happened since." },
    });
  return count > 0;
}

// --- The colleague ---------------------------------------------------------------------------------------------------

/** Why a link to take over a seat does nothing. `accepted`: its reader has the seat. `over`: the seat is gone or started. */
export type TakeOverProblem = "accepted" | "declined" | "withdrawn" | "expired" | "over";

const takeOverWords: Record<TakeOverProblem | "unknown", string> = {
  unknown: "This link is not complete or not right. Open it again from the mail.",
  accepted: "The seat is yours already.",
  declined: "You said no to this seat, and your address was deleted.",
  withdrawn: "Your colleague took this back.",
  expired: "The time to take over this seat is over.",
  over: "This seat can no longer be handed over.",
};

function refuse(problem: TakeOverProblem | "unknown"): never {
  const say = problem === "unknown" ? undefined : ({ key: `takeOver_${problem}` } as const);
  const code = problem === "unknown" ? "not_found" : "gone";
  throw new DomainError(code, takeOverWords[problem], { reason: problem, ...(say ? { say } : {}) });
}

async function loadHandover(tx: Tx, id: string) {
  return tx.handover.findUnique({
    where: { id },
    select: {
      ...{ id: true, state: true, email: true, name: true, locale: true, endsAt: true, toRegistrationId: true },
      registration: { select: seatColumns },
    },
  });
}
type LoadedHandover = NonNullable<Awaited<ReturnType<typeof loadHandover>>>;

function takeOverProblem({ state, endsAt, registration }: LoadedHandover, now: Date): TakeOverProblem | null {
  if (state === "accepted" || state === "declined" || state === "withdrawn" || state === "expired") return state;
  if (obstacleOf(registration, now)) return "over";
  return endsAt <= now ? "expired" : null;
}

export type TakeOverPage = {
  problem: TakeOverProblem | null;
  giver: string;
  /** What the giver typed, to be put right. */
  name: string;
  email: string;
  endsAt: Date;
  host: Host;
  team: LoadedLink["registration"]["workshop"]["team"];
  workshop: Omit<LoadedLink["registration"]["workshop"], "team" | "state">;
  /** What the workshop asks; answers are the colleague's own. */
  questions: QuestionDefinition[];
};

/** What the page of a hand-over shows. Changes nothing: mail scanners open links too. Null for an unknown link. */
export async function readHandover(ctx: Context, input: { token: string }): Promise<TakeOverPage | null> {
  const link = await findLink(ctx, input.token, "handover");
  const handover = link?.handoverId ? await loadHandover(ctx.db, link.handoverId) : null;
  if (!link || !handover) return null;
  const { registration } = link;
  const { team, state: _state, ...workshop } = registration.workshop;
  const problem = link.revokedAt ? "over" : takeOverProblem(handover, ctx.clock.now());
  return {
    problem,
    giver: problem ? "" : (registration.person.name ?? ""),
    name: handover.name ?? "",
    email: handover.email ?? "",
    endsAt: handover.endsAt,
    host: hostOf(registration.invite?.member ?? null, team),
    team,
    workshop,
    questions: problem ? [] : await questionsOf(ctx.db, registration.workshopId),
  };
}

/** "Not for me": the giver keeps the seat and is told, the address is deleted. A second call is `gone`. */
export async function declineHandover(ctx: Context, input: { token: string }): Promise<void> {
  const link = await findLink(ctx, input.token, "handover");
  if (!link?.handoverId) refuse("unknown");
  const { handoverId } = link;
  await ctx.db.$transaction(async (tx) => {
    const handover = await loadHandover(tx, handoverId);
    if (!handover) refuse("unknown");
    const problem = link.revokedAt ? "over" : takeOverProblem(handover, ctx.clock.now());
    if (problem) refuse(problem);
    if (!(await endHandover(ctx, tx, handoverId, "declined"))) refuse("over");
    await audit(ctx, tx, auditOf(handover.registration, "handover_declined"));
    await tellEnded(ctx, tx, handover, true);
  });
}

async function tellEnded(
  ctx: Context,
  tx: Tx,
  { id, registration }: { id: string; registration: Seat },
  saidNo: boolean,
): Promise<void> {
  const { teamId, workshopId, person } = registration;
  await queueMail(ctx, tx, {
    ...{ kind: "handover_ended", teamId, workshopId, registrationId: registration.id, recipientKey: registration.id },
    ...{ occurrence: id, locale: person.locale, data: { saidNo } },
  });
}

type ColleagueInput = z.input<typeof colleagueForm> & { answers?: Record<string, string | number | boolean | null> };

/**
 * The colleague's form: a registration of their own takes over the seat, with its attribution and its place in the order; the
 * giver's ends, with its links and browsers, and so does a place on the waitlist that the colleague had. The browser is
 * verified. Sent again it changes nothing and leads to the same place. Throws `invalid` with fields, `gone` with the reason,
 * `conflict` (reason `has_seat`) for somebody who has a seat.
 */
export async function acceptHandover(
  ctx: Context,
  input: { token: string; form: ColleagueInput; browserToken?: string | null },
): Promise<{ registrationId: string; browserToken: string }> {
  const link = await findLink(ctx, input.token, "handover");
  if (!link?.handoverId) refuse("unknown");
  const { handoverId, teamId } = link;
  const { workshopId } = link.registration;
  const questions = await questionsOf(ctx.db, workshopId);
  const typed = colleagueForm.extend({ answers: answersFor(questions) });
  const pass = async (tx: Tx) => {
    const workshop = await lockWorkshop(tx, workshopId, teamId);
    const [fresh, handover] = [
      await tx.personalLink.findUnique({ where: { id: link.id }, select: { usedAt: true, revokedAt: true } }),
      await loadHandover(tx, handoverId),
    ];
    const now = ctx.clock.now();
    if (!handover || !fresh || fresh.revokedAt) refuse("over");
    const problem = takeOverProblem(handover, now);
    const verified = stillVerifies({ ...link, ...fresh }, now);
    if (problem === "accepted" && handover.toRegistrationId && verified) return handover.toRegistrationId;
    if (problem) refuse(problem);
    await tx.personalLink.updateMany({ where: { id: link.id, usedAt: null }, data: { usedAt: now } });
    const form = typed.parse({ answers: {}, ...input.form });
    return passTo(ctx, tx, { workshop, handover, form, linkId: link.id });
  };
  const registrationId = await inTurn(workshopId, () => ctx.db.$transaction(pass));
  const oldToken = input.browserToken ?? null;
  const browserToken = await ctx.db.$transaction((tx) =>
    admitBrowser(ctx, tx, { teamId, registrationId, verified: true, oldToken }),
  );
  return { registrationId, browserToken };
}

type ColleagueForm = z.output<typeof colleagueForm> & { answers: Parameters<typeof saveAnswers>[2]["answers"] };
type Passing = { workshop: LockedWorkshop; handover: LoadedHandover; form: ColleagueForm; linkId: string };

async function passTo(ctx: Context, tx: Tx, { workshop, handover, form, linkId }: Passing): Promise<string> {
  const giver = handover.registration;
  const { teamId, workshopId, memberId, inviteId, customerId } = giver;
  const now = ctx.clock.now();
  const personId = await colleague(ctx, tx, teamId, handover.email ?? "", form);
  await leaveWaitlist(ctx, tx, workshop, personId);
  const { locale, company, jobTitle, followUp, answers } = form;
  const id = ctx.newId("registration");
  await tx.registration.create({
    data: {
      ...{ id, teamId, workshopId, personId, memberId, inviteId, customerId, company, createdAt: now },
      ...{ jobTitle: jobTitle || null, noticeVersion, noticeLocale: locale, noticeAt: now },
      followUpAt: followUp ? now : null,
    },
  });
  await saveAnswers(ctx, tx, { teamId, registrationId: id, answers });
  await passSeat(ctx, tx, workshop, { fromId: giver.id, toId: id });
  const { count } = await tx.handover.updateMany({
    where: { id: handover.id, state: "pending" },
    data: { state: "accepted", toRegistrationId: id, email: null, name: null, endedAt: now },
  });
  // Declined or taken back in this moment: nothing of the above stays.
  if (count === 0) refuse("over");
  await endGiver(ctx, tx, giver, linkId);
  await recordActivity(ctx, tx, { kind: "handed_over", teamId, workshopId, memberId, inviteId, customerId });
  await audit(ctx, tx, auditOf(giver, "handed_over", { to: id }));
  await queueMail(ctx, tx, {
    ...{ kind: "confirmed", teamId, workshopId, registrationId: id, recipientKey: id, occurrence: "1", locale },
  });
  return id;
}

/** The colleague as a person. Their link came by mail, so the address is theirs, and what they typed counts. */
async function colleague(ctx: Context, tx: Tx, teamId: string, email: string, form: ColleagueForm): Promise<string> {
  const { name, locale } = form;
  const timeZone = form.timeZone && isTimeZone(form.timeZone) ? form.timeZone : null;
  const row = { id: ctx.newId("person"), teamId, email, name, locale, timeZone, createdAt: ctx.clock.now() };
  await tx.person.createMany({ data: [row], skipDuplicates: true });
  const [person] = await tx.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "Person" WHERE "teamId" = ${teamId} AND "email" = ${email} FOR UPDATE`;
  if (!person) throw new DomainError("conflict", "Your data was deleted a moment ago. Send the form again.");
  await tx.person.update({ where: { id: person.id }, data: { name, locale, ...(timeZone ? { timeZone } : {}) } });
  return person.id;
}

/** What the colleague had in this workshop before ends; whoever has a seat keeps it, and the giver theirs. */
async function leaveWaitlist(ctx: Context, tx: Tx, workshop: LockedWorkshop, personId: string): Promise<void> {
  const before = await tx.registration.findFirst({
    where: { teamId: workshop.teamId, workshopId: workshop.id, personId, state: { notIn: [...endStates] } },
    select: { id: true, teamId: true, state: true },
  });
  if (!before) return;
  if (holdsSeat(before.state))
    throw new DomainError("conflict", "You have a seat in this workshop already.", {
      reason: "has_seat",
      say: { key: "handoverHasSeat" },
    });
  await changeLocked(ctx, tx, workshop, { registrationId: before.id, to: "cancelled" });
  await endLinks(ctx, tx, before.id);
  await audit(ctx, tx, auditOf(before, "cancelled", { by: "handover" }));
}

async function endLinks(ctx: Context, tx: Tx, registrationId: string, but = ""): Promise<void> {
  const revokedAt = ctx.clock.now();
  await tx.personalLink.updateMany({
    where: { registrationId, revokedAt: null, id: { not: but } },
    data: { revokedAt },
  });
  await tx.attendeeBrowser.updateMany({ where: { registrationId, revokedAt: null }, data: { revokedAt } });
}

/** The giver's links and browsers end, an account made ready early goes back unseen, their calendar is told. */
async function endGiver(ctx: Context, tx: Tx, giver: Seat, linkId: string): Promise<void> {
  const { id, teamId, workshopId, person } = giver;
  await endLinks(ctx, tx, id, linkId);
  const lent = await tx.lease.findFirst({ where: { registrationId: id, endedAt: null }, select: { id: true } });
  if (lent) await startTakingBack(ctx, tx, { workshopId, registrationId: id });
  await queueMail(ctx, tx, {
    ...{ kind: "handed_over", teamId, workshopId, registrationId: id, recipientKey: id, occurrence: "1" },
    locale: person.locale,
  });
}

// --- The clock -------------------------------------------------------------------------------------------------------

/**
 * Job, each minute: hand-overs whose time is over, or whose seat is gone, end; the address of the colleague is deleted. The
 * giver is told where the seat is still theirs. Each alone, so that it can be stopped and run again.
 */
export async function expireHandovers(ctx: Context): Promise<void> {
  const now = ctx.clock.now();
  const due = await ctx.db.handover.findMany({
    where: {
      state: "pending",
      OR: [
        { endsAt: { lte: now } },
        { registration: { state: { not: "confirmed" } } },
        { registration: { workshop: { state: { not: "registration" } } } },
      ],
    },
    select: { id: true },
  });
  for (const { id } of due)
    await ctx.db.$transaction(async (tx) => {
      const handover = await loadHandover(tx, id);
      if (!handover || !(await endHandover(ctx, tx, id, "expired"))) return;
      await audit(ctx, tx, auditOf(handover.registration, "handover_expired"));
      if (handover.registration.state === "confirmed") await tellEnded(ctx, tx, handover, false);
    });
}
