import { z } from "zod";
import type { Message, Registration, Workshop } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { isMailKind, kindRule, type MailKind } from "@/server/mail/kinds";
import { isMemberKind, type MemberKind, type MemberNews, memberMail } from "@/server/mail/member-facts";
import { offerDeadline } from "@/server/registrations/deadlines";
import { domainAllowed } from "@/server/registrations/schemas";
import { moneyText } from "@/server/sandboxes/schemas";
import { formatDay, formatElsewhere, formatRange, formatTime, relativeWords, zoneName } from "@/server/times";

/**
 * What a mail says, looked up by the ids of its row at the moment of sending or of a preview; and whether it is still true.
 * Nothing here is stored.
 */

export type Mailbox = { name: string; address: string };

/** What every mail knows. Links and codes stand beside it (compose.ts), since a preview shows marks in their place. */
export type Facts = {
  locale: string;
  teamName: string;
  accentColor: string;
  /** Empty for mails that are not about a workshop. */
  title: string;
  /** "Tue 12 May 09:30, Madrid"; empty without dates. */
  start: string;
  /** "Tue 12 May, 09:30–17:00 Madrid (08:30 in London)"; empty without dates. */
  when: string;
  place: string;
  /** Online room or map. */
  roomLink: string;
  bring: string[];
  /** Whom to ask: the account manager who invited, else the team. */
  contact: Mailbox;
  /** Place on the waitlist, from 1; 0 when not on it. */
  position: number;
  /** Whether a seat that became free now would be offered to the first on the waitlist, else it would be theirs at once. */
  seatsOffered: boolean;
  /** Why a registration was not approved, in a member's words; empty where none is given, and in other mails. */
  reason: string;
  /** Until when a seat is offered, or can be taken over; empty in other mails. */
  deadline: string;
  /** Who hands over their seat, in the mail to the colleague. */
  giver: string;
  /** Whether an earlier mail brought a calendar entry, which a cancellation takes away. */
  inCalendar: boolean;
  /** Whether the colleague said no, else the time ran out; for mails of kind `handover_ended`. */
  saidNo: boolean;
  /** Which facts changed, by column, for mails of kind `changed`. */
  changedFields: string[];
  /** Days after the workshop until the attendee's data is deleted. */
  deletedAfterDays: number;
  hasSandbox: boolean;
  /** Attendees without an account, for the alarm to presenters. */
  waiting: number;
  /** Machines that emptied accounts and have stopped, and how many of them before they were done. */
  machines: number;
  lostMachines: number;
  /** Accounts that reached a part of their budget, for the alarm to staff; null in other mails. */
  budget: { percent: number; accounts: number; frozen: number; amount: string } | null;
  /** What was before a change, in mails of kind `changed`: empty what did not change; lines of the agenda. */
  before: {
    title: string;
    when: string;
    place: string;
    roomLink: string;
    agendaGone: string[];
    agendaNew: string[];
  } | null;
  /** "tomorrow", "in 2 days": how far away the start is; empty without dates. */
  until: string;
  /** "17:00": when it ends, on the workshop's clock; empty without dates. */
  endTime: string;
  surveyLink: string;
  materialsLink: string;
  /** What mails to members about their work tell; null in others. */
  news: MemberNews | null;
  /** Of an invitation kit: the text for customers is in their language, which may be another. */
  forward: { locale: string; when: string };
  customerName: string;
  seatLimit: number | null;
  inviteExpires: string;
};

export type Prepared = { kind: MailKind; to: Mailbox; from: Mailbox; replyTo: Mailbox; facts: Facts };
/** A mail that is not sent: since it is no longer true, or its time has passed. The reason is shown in the mail tab. */
export type Refused = { refused: "cancelled" | "too_late"; reason: string };

const refuse = (reason: string): Refused => ({ refused: "cancelled", reason });

/**
 * Everything that a mail needs but its links, or why it is not to be sent. For a preview it does not matter whether the mail
 * is still true, only that its data is still there.
 */
export async function prepare(
  ctx: Context,
  message: Message,
  purpose: "send" | "preview" = "send",
): Promise<Prepared | Refused> {
  if (!isMailKind(message.kind)) return refuse("This version does not know this kind of mail.");
  const { audience } = kindRule(message.kind);
  if (audience === "sign_in") return prepareSignIn(ctx, message);
  if (audience === "invitee") return prepareInvitee(ctx, message, purpose);
  if (audience === "colleague") return prepareColleague(ctx, message, purpose);
  if (isMemberKind(message.kind)) return prepareMember(ctx, message, message.kind, purpose);
  return audience === "member"
    ? message.kind === "accounts_missing" || message.kind === "machines_stopped" || message.kind === "budget_reached"
      ? prepareAlarm(ctx, message, message.kind)
      : prepareInvitation(ctx, message, purpose)
    : prepareForAttendee(ctx, message, message.kind, purpose);
}

type TeamSender = { name: string; senderName: string; senderEmail: string; accentColor: string };

const senderColumns = { name: true, senderName: true, senderEmail: true, accentColor: true } as const;
const sender = (team: TeamSender): Mailbox => ({ name: team.senderName, address: team.senderEmail });

function baseFacts(team: TeamSender, locale: string): Facts {
  return {
    locale,
    teamName: team.name,
    accentColor: team.accentColor,
    title: "",
    start: "",
    when: "",
    place: "",
    roomLink: "",
    bring: [],
    contact: sender(team),
    position: 0,
    seatsOffered: false,
    reason: "",
    deadline: "",
    giver: "",
    saidNo: false,
    inCalendar: false,
    changedFields: [],
    deletedAfterDays: 0,
    hasSandbox: false,
    waiting: 0,
    budget: null,
    machines: 0,
    lostMachines: 0,
    before: null,
    until: "",
    endTime: "",
    surveyLink: "",
    materialsLink: "",
    news: null,
    forward: { locale, when: "" },
    customerName: "",
    seatLimit: null,
    inviteExpires: "",
  };
}

/** "Tue 12 May 09:30, Madrid". */
function momentText(at: Date, timeZone: string, locale: string, now: Date): string {
  return `${formatDay(at, timeZone, locale, now)} ${formatTime(at, timeZone, locale)}, ${zoneName(timeZone, locale)}`;
}

function workshopFacts(workshop: Workshop, locale: string, now: Date, readerZone: string | null): Partial<Facts> {
  const { title, place, link, bring, startsAt, endsAt, timeZone } = workshop;
  const facts = { title, place, roomLink: link, bring, hasSandbox: workshop.sandboxProfileId !== null };
  if (!startsAt) return facts;
  const start = momentText(startsAt, timeZone, locale, now);
  const range = endsAt ? formatRange(startsAt, endsAt, timeZone, locale, now) : start;
  const elsewhere = readerZone && formatElsewhere(startsAt, timeZone, readerZone, locale);
  return { ...facts, start, when: elsewhere ? `${range} (${elsewhere})` : range };
}

// --- Sign-in codes ---------------------------------------------------------------------------------------------------

async function prepareSignIn(ctx: Context, message: Message): Promise<Prepared | Refused> {
  const gone = refuse("The code was no longer wanted.");
  const attempt = message.attemptId && (await ctx.db.signInAttempt.findUnique({ where: { id: message.attemptId } }));
  if (!attempt || attempt.usedAt || attempt.expiresAt <= ctx.clock.now()) return gone;
  const recipient = attempt.registrationId
    ? await customerOf(ctx, attempt.registrationId)
    : attempt.identityId && (await memberOf(ctx, attempt.identityId));
  if (!recipient) return gone;
  const from = sender(recipient.team);
  const facts = baseFacts(recipient.team, message.locale);
  return { kind: "sign_in_code", to: recipient.to, from, replyTo: from, facts };
}

async function memberOf(ctx: Context, identityId: string) {
  const member = await ctx.db.member.findFirst({
    where: { identityId, removedAt: null },
    orderBy: { createdAt: "asc" },
    select: { identity: true, team: { select: senderColumns } },
  });
  return member && { to: { name: member.identity.name, address: member.identity.email }, team: member.team };
}

async function customerOf(ctx: Context, registrationId: string) {
  const registration = await ctx.db.registration.findUnique({
    where: { id: registrationId },
    select: { person: { select: { name: true, email: true, team: { select: senderColumns } } } },
  });
  const person = registration?.person;
  return person?.email ? { to: { name: person.name ?? "", address: person.email }, team: person.team } : null;
}

// --- Members ---------------------------------------------------------------------------------------------------------

type Purpose = "send" | "preview";

async function prepareInvitation(ctx: Context, message: Message, purpose: Purpose): Promise<Prepared | Refused> {
  const invite = message.inviteId
    ? await ctx.db.invite.findUnique({
        where: { id: message.inviteId },
        include: { customer: true, workshop: { include: { team: true } }, member: { include: { identity: true } } },
      })
    : null;
  if (!invite) return refuse("The link is gone.");
  const { workshop, member } = invite;
  const reason = untrueInvitation(invite.revokedAt, member.removedAt, workshop.state);
  if (reason && purpose === "send") return refuse(reason);
  const now = ctx.clock.now();
  // The mails of a team are in its language; English is what a link has that nobody chose a language for.
  const { locale } = workshop.team;
  const forward = invite.locale === "en" ? locale : invite.locale;
  const facts = {
    ...baseFacts(workshop.team, locale),
    ...workshopFacts(workshop, locale, now, null),
    forward: { locale: forward, when: workshopFacts(workshop, forward, now, null).when ?? "" },
    customerName: invite.customer?.name ?? "",
    seatLimit: invite.seatLimit,
    inviteExpires: invite.expiresAt ? formatDay(invite.expiresAt, workshop.timeZone, locale, now) : "",
    deletedAfterDays: workshop.team.anonymizeAfterDays,
  };
  const from = sender(workshop.team);
  const to = { name: member.identity.name, address: member.identity.email };
  return { kind: "invitation_kit", to, from, replyTo: from, facts };
}

/** To an address that an account manager invites; answers go to them. */
async function prepareInvitee(ctx: Context, message: Message, purpose: Purpose): Promise<Prepared | Refused> {
  const invite = message.inviteId
    ? await ctx.db.invite.findUnique({
        where: { id: message.inviteId },
        include: {
          workshop: { include: { team: true } },
          member: { include: { identity: true } },
          customer: { select: { name: true } },
          registrations: { where: { state: { notIn: ["cancelled", "expired"] } }, select: { id: true }, take: 1 },
        },
      })
    : null;
  if (!invite) return refuse("The link is gone.");
  const { workshop, member } = invite;
  if (!invite.email) return refuse("The address was deleted.");
  const now = ctx.clock.now();
  const reason =
    untrueInvitation(invite.revokedAt, member.removedAt, workshop.state) ??
    unless(!invite.declinedAt, "They said that it is not for them.") ??
    unless(invite.registrations.length === 0, "They have registered already.") ??
    unless(!invite.expiresAt || invite.expiresAt > now, "The link has expired.") ??
    unless(domainAllowed(workshop.allowedDomains, invite.email), "Addresses of this domain can no longer register.");
  if (reason && purpose === "send") return refuse(reason);
  if (purpose === "send" && workshop.endsAt && workshop.endsAt <= now)
    return { refused: "too_late", reason: "The workshop was over before it could be sent." };
  const from = sender(workshop.team);
  const contact = { name: member.identity.name, address: member.identity.email };
  const facts: Facts = {
    ...baseFacts(workshop.team, message.locale),
    ...workshopFacts(workshop, message.locale, now, null),
    contact,
    customerName: invite.customer?.name ?? "",
    inviteExpires: invite.expiresAt ? formatDay(invite.expiresAt, workshop.timeZone, message.locale, now) : "",
    deletedAfterDays: workshop.team.unverifiedDeleteDays,
  };
  return { kind: "invitation", to: { name: invite.name ?? "", address: invite.email }, from, replyTo: contact, facts };
}

/** To an address to which an attendee hands over their seat; answers go to the account manager. */
async function prepareColleague(ctx: Context, message: Message, purpose: Purpose): Promise<Prepared | Refused> {
  const handover = await ctx.db.handover.findUnique({
    where: { id: message.recipientKey },
    include: { registration: { include: { person: true, workshop: { include: { team: true } } } } },
  });
  if (!handover) return refuse("The hand-over is gone.");
  const { registration, email, locale } = handover;
  const { workshop, person } = registration;
  if (!email) return refuse("The hand-over is over, and the address was deleted.");
  const now = ctx.clock.now();
  const reason =
    cancelledWorkshop("handover_offer", workshop) ??
    unless(registration.state === "confirmed", "The seat is no longer theirs to hand over.") ??
    unless(handover.endsAt > now, "The time to take over the seat is over.");
  if (reason && purpose === "send") return refuse(reason);
  const from = sender(workshop.team);
  const contact = await accountManagerOf(ctx, registration.memberId, from);
  const facts: Facts = {
    ...baseFacts(workshop.team, locale),
    ...workshopFacts(workshop, locale, now, null),
    // Where the room is, they learn once the seat is theirs.
    roomLink: "",
    contact,
    giver: person.name ?? "",
    deadline: momentText(handover.endsAt, workshop.timeZone, locale, now),
    deletedAfterDays: workshop.team.anonymizeAfterDays,
  };
  return { kind: "handover_offer", to: { name: handover.name ?? "", address: email }, from, replyTo: contact, facts };
}

/** About a workshop's accounts: too few when it opened, to a presenter; machines that have stopped, to an admin. */
async function prepareAlarm(
  ctx: Context,
  message: Message,
  kind: "accounts_missing" | "machines_stopped" | "budget_reached",
): Promise<Prepared | Refused> {
  const { teamId, memberId, workshopId } = message;
  if (!teamId || !memberId || !workshopId) return refuse("The workshop is gone.");
  const [member, workshop] = await Promise.all([
    ctx.db.member.findFirst({ where: { id: memberId, teamId, removedAt: null }, include: { identity: true } }),
    ctx.db.workshop.findFirst({ where: { id: workshopId, teamId }, include: { team: true } }),
  ]);
  if (!member || !workshop) return refuse("The presenter left the team, or the workshop is gone.");
  const facts = {
    ...baseFacts(workshop.team, message.locale),
    ...workshopFacts(workshop, message.locale, ctx.clock.now(), null),
    waiting: Number(dataOf(message).waiting ?? 0),
    budget: budgetOf(message),
    machines: Number(dataOf(message).machines ?? 0),
    lostMachines: Number(dataOf(message).lost ?? 0),
  };
  const from = sender(workshop.team);
  const to = { name: member.identity.name, address: member.identity.email };
  return { kind, to, from, replyTo: from, facts };
}

/** About a member's own work: seats, the week, what was emptied, what was set aside. */
async function prepareMember(
  ctx: Context,
  message: Message,
  kind: MemberKind,
  purpose: Purpose,
): Promise<Prepared | Refused> {
  const found = await memberMail(ctx, message, kind);
  if (typeof found === "string") return refuse(found);
  const { member, workshop, news, untrue: reason } = found;
  const over = workshop && kind !== "cleanup_report" ? cancelledWorkshop(kind, workshop) : null;
  if ((over ?? reason) && purpose === "send") return refuse(over ?? reason ?? "");
  const facts: Facts = {
    ...baseFacts(member.team, message.locale),
    ...(workshop ? workshopFacts(workshop, message.locale, ctx.clock.now(), null) : {}),
    news,
  };
  const from = sender(member.team);
  const to = { name: member.identity.name, address: member.identity.email };
  return { kind, to, from, replyTo: from, facts };
}

function budgetOf(message: Message): Facts["budget"] {
  const { percent, accounts, frozen, budgetMinor, currency } = dataOf(message);
  if (typeof budgetMinor !== "number" || typeof currency !== "string") return null;
  const amount = moneyText(budgetMinor, currency, message.locale);
  return { percent: Number(percent), accounts: Number(accounts), frozen: Number(frozen ?? 0), amount };
}

function untrueInvitation(revokedAt: Date | null, removedAt: Date | null, state: Workshop["state"]): string | null {
  if (revokedAt) return "The link was revoked.";
  if (removedAt) return "The account manager left the team.";
  return unless(state === "registration" || state === "open", "Registration for this workshop is not open.");
}

// --- Attendees -------------------------------------------------------------------------------------------------------

type Situation = { registration: Registration; workshop: Workshop; hasAccount: boolean };

const had = (...states: Registration["state"][]) => states;
const held = had("confirmed", "attended", "offered");

/** For each kind, in words why it would not be true any more; null while it is. */
const untrue: Partial<Record<MailKind, (situation: Situation) => string | null>> = {
  confirm_address: (s) =>
    unless(s.registration.state === "unverified", "The address was confirmed, or the person left."),
  confirmed: (s) => unless(held.includes(s.registration.state), "The registration no longer has a seat."),
  promoted: (s) => unless(held.includes(s.registration.state), "The registration no longer has a seat."),
  waitlisted: (s) => unless(s.registration.state === "waitlisted", "The registration is no longer on the waitlist."),
  awaiting_approval: (s) => unless(s.registration.state === "awaiting_approval", "Somebody has said yes or no."),
  rejected: (s) => unless(s.registration.state === "rejected", "The registration was not turned down."),
  offered: (s) => unless(s.registration.state === "offered", "The offer was answered, or its time is over."),
  offer_lapsed: (s) => unless(s.registration.state === "expired", "The registration goes on."),
  handover_ended: (s) => unless(s.registration.state === "confirmed", "The seat is no longer theirs."),
  handed_over: (s) => unless(s.registration.state === "cancelled", "The seat was not handed over."),
  changed: (s) => unless([...held, "waitlisted"].includes(s.registration.state), "The registration is no longer live."),
  registration_cancelled: (s) => unless(!held.includes(s.registration.state), "The registration has a seat again."),
  workshop_cancelled: (s) => unless(s.workshop.state === "cancelled", "The workshop was not cancelled."),
  reminder: (s) => unless(held.includes(s.registration.state), "The registration no longer has a seat."),
  ending_soon: (s) =>
    unless(s.workshop.state === "open" && s.hasAccount, "They have no account, or the workshop is not open."),
  certificate: (s) => unless(s.registration.state === "attended", "They did not attend."),
  access_ready: (s) =>
    unless(s.workshop.state === "open" && s.hasAccount, "The account was taken back, or the workshop is over."),
  waiting_for_account: (s) =>
    unless(s.workshop.state === "open" && !s.hasAccount, "An account is ready, or the workshop is over."),
  thanks: (s) =>
    unless(["confirmed", "attended"].includes(s.registration.state), "The registration had no seat at the end."),
};

function unless(isTrue: boolean, reason: string): string | null {
  return isTrue ? null : reason;
}

/** Mails that a cancelled workshop makes pointless: all but the one that says so, and the registration's own. */
function cancelledWorkshop(kind: MailKind, workshop: Workshop): string | null {
  if (workshop.state !== "cancelled" || kind === "workshop_cancelled" || kind === "registration_cancelled") return null;
  return "The workshop was cancelled.";
}

/** Of no use once the workshop is over. */
const beforehand: ReadonlySet<MailKind> = new Set([
  "confirm_address",
  "confirmed",
  "promoted",
  "waitlisted",
  "awaiting_approval",
  "rejected",
  "offered",
  "offer_lapsed",
  "handover_ended",
  "changed",
  "reminder",
]);

async function prepareForAttendee(
  ctx: Context,
  message: Message,
  kind: MailKind,
  purpose: Purpose,
): Promise<Prepared | Refused> {
  const registration = message.registrationId
    ? await ctx.db.registration.findUnique({
        // A handful of mails is mostly about one workshop, which is then read once.
        relationLoadStrategy: "query",
        where: { id: message.registrationId },
        include: {
          person: true,
          workshop: { include: { team: true } },
          leases: { where: { endedAt: null, state: "ready" }, select: { id: true } },
        },
      })
    : null;
  if (!registration) return refuse("The registration is gone.");
  const { person, workshop } = registration;
  if (!person.email) return refuse("The person's data was deleted.");
  const situation = { registration, workshop, hasAccount: registration.leases.length > 0 };
  const reason = cancelledWorkshop(kind, workshop) ?? untrue[kind]?.(situation);
  if (reason && purpose === "send") return refuse(reason);
  if (purpose === "send" && beforehand.has(kind) && workshop.endsAt && workshop.endsAt <= ctx.clock.now())
    return { refused: "too_late", reason: "The workshop was over before it could be sent." };
  const from = sender(workshop.team);
  const contact = await accountManagerOf(ctx, registration.memberId, from);
  // As it is now: a language changed by hand counts for what was queued before, too.
  const locale = registration.state === "unverified" ? registration.noticeLocale : person.locale;
  const facts: Facts = {
    ...baseFacts(workshop.team, locale),
    ...workshopFacts(workshop, locale, ctx.clock.now(), person.timeZone),
    contact,
    position: await waitlistPosition(ctx, registration),
    seatsOffered: offerDeadline(workshop, ctx.clock.now()) !== null,
    reason: registration.decisionReason ?? "",
    deadline: registration.offerEndsAt
      ? momentText(registration.offerEndsAt, workshop.timeZone, locale, ctx.clock.now())
      : "",
    saidNo: dataOf(message).saidNo === true,
    inCalendar: registration.calendarParts.length > 0,
    ...scheduleFacts(workshop, { ...message, locale }, ctx.clock.now()),
    changedFields: changedFields(message),
    before: beforeChange({ ...message, locale }, workshop, ctx.clock.now()),
    deletedAfterDays: workshop.team.anonymizeAfterDays,
  };
  // Until the address is confirmed, the name may be anything that a stranger typed to have it mailed.
  const name = kind === "confirm_address" ? "" : (person.name ?? "");
  return { kind, to: { name, address: person.email }, from, replyTo: contact, facts };
}

/** What follows from when a mail goes: a preview tells it as of its time. */
function scheduleFacts(workshop: Workshop, message: Message, now: Date): Partial<Facts> {
  const { startsAt, endsAt, timeZone, surveyUrl, materialsUrl } = workshop;
  const at = message.dueAt > now ? message.dueAt : now;
  return {
    until: startsAt ? relativeWords(startsAt, at, message.locale, timeZone) : "",
    endTime: endsAt ? formatTime(endsAt, timeZone, message.locale) : "",
    surveyLink: surveyUrl,
    materialsLink: materialsUrl,
  };
}

async function accountManagerOf(ctx: Context, memberId: string | null, team: Mailbox): Promise<Mailbox> {
  const member =
    memberId &&
    (await ctx.db.member.findFirst({ where: { id: memberId, removedAt: null }, include: { identity: true } }));
  return member ? { name: member.identity.name, address: member.identity.email } : team;
}

async function waitlistPosition(ctx: Context, { workshopId, state, ordinal }: Registration): Promise<number> {
  if (state !== "waitlisted" || ordinal === null) return 0;
  return ctx.db.registration.count({ where: { workshopId, state: "waitlisted", ordinal: { lte: ordinal } } });
}

function dataOf({ data }: Message): Record<string, unknown> {
  return typeof data === "object" && data !== null && !Array.isArray(data) ? data : {};
}

function changedFields(message: Message): string[] {
  const { fields } = dataOf(message);
  return Array.isArray(fields) ? fields.filter((field) => typeof field === "string") : [];
}

const wasBefore = z.object({
  title: z.string(),
  startsAt: z.iso.datetime().nullable(),
  endsAt: z.iso.datetime().nullable(),
  timeZone: z.string(),
  place: z.string(),
  link: z.string(),
  agenda: z.array(z.object({ startsAt: z.string(), title: z.string() })),
});

/** How it was before the change that a mail tells of; null for rows without that. What came back to how it was shows nothing. */
function beforeChange(message: Message, workshop: Workshop, now: Date): Facts["before"] {
  const was = wasBefore.safeParse(dataOf(message).before).data;
  if (!was) return null;
  const { locale } = message;
  const [startsAt, endsAt] = [was.startsAt && new Date(was.startsAt), was.endsAt && new Date(was.endsAt)];
  const lines = (agenda: unknown) =>
    (wasBefore.shape.agenda.safeParse(agenda).data ?? []).map((point) => `${point.startsAt} ${point.title}`);
  const [old, current] = [lines(was.agenda), lines(workshop.agenda)];
  const moved =
    String(startsAt || "") !== String(workshop.startsAt ?? "") ||
    String(endsAt || "") !== String(workshop.endsAt ?? "") ||
    was.timeZone !== workshop.timeZone;
  return {
    title: was.title,
    when: moved && startsAt && endsAt ? formatRange(startsAt, endsAt, was.timeZone, locale, now) : "",
    place: was.place === workshop.place ? "" : was.place,
    roomLink: was.link === workshop.link ? "" : was.link,
    agendaGone: old.filter((line) => !current.includes(line)).slice(0, 8),
    agendaNew: current.filter((line) => !old.includes(line)).slice(0, 8),
  };
}
