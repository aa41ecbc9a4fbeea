import { z } from "zod";
import { audit, auditAll } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { checkCustomerCode, checkFacilitatorCode } from "@/server/identity/identity";
import { recordActivities, recordActivity } from "@/server/insights/activity";
import { type InvitePage, type InviteProblem, readInvite } from "@/server/invites/invites";
import type { MailKind } from "@/server/mail/kinds";
import { queueMail, queueStandingMails } from "@/server/mail/outbox";
import { type AttendeeActor, allowMember, attributedScope } from "@/server/permissions";
import { limit } from "@/server/rate-limit";
import { admitBrowser } from "@/server/registrations/browsers";
import { endStates, holdsSeat, type RegistrationState } from "@/server/registrations/lifecycle";
import {
  type ConfirmProblem,
  confirmProblem,
  findLink,
  type LoadedLink,
  personalProblem,
  refreshLinks,
  stillVerifies,
} from "@/server/registrations/links";
import { noticeVersion } from "@/server/registrations/notice";
import { questionsOf, saveAnswers } from "@/server/registrations/questions";
import {
  answersFor,
  codeField,
  domainAllowed,
  myDataForm,
  type QuestionDefinition,
  type RegistrationForm,
  type RegistrationFormInput,
  registrationForm,
} from "@/server/registrations/schemas";
import {
  admitLocked,
  changeLocked,
  inTurn,
  type LockedWorkshop,
  lockWorkshop,
  promoteWaitlist,
  serveLate,
  sharingTurns,
} from "@/server/registrations/seats";
import { startTakingBack } from "@/server/sandboxes/sandboxes";
import { seal, unseal } from "@/server/secrets";
import { formatMoment, isTimeZone } from "@/server/times";

/**
 * Registrations: from the form to a seat and back. This file is the door of the folder.
 *
 * Whose words count: whoever fills in the form has not proved that the address is theirs. So the form changes nothing about
 * a person who is known already: the name waits with the registration (`typedName`) until the address is confirmed, on a
 * page that shows it, and only then becomes the person's. While a registration is unverified the last form counts; once it
 * is confirmed a form changes nothing, only a verified browser does.
 */

export { decideRegistrations } from "@/server/registrations/approval";
export { type CalendarFile, calendarEntry, mailedEntries } from "@/server/registrations/calendar";
export {
  checkIn,
  checkInTime,
  correctAttendance,
  findByCode,
  letIn,
  readRoom,
  settleAttendance,
  undoCheckIn,
} from "@/server/registrations/check-in";
export { exportInput, exportRegistrations, printedList } from "@/server/registrations/export";
export { mintLink, readLink } from "@/server/registrations/links";
export { capOffers, endOffers } from "@/server/registrations/offers";
export { answersOf, copyQuestions, questionColumns, questionsOf, setQuestions } from "@/server/registrations/questions";
export {
  getRegistration,
  type LostAccessMail,
  listRegistrations,
  lostAccessMails,
  myWorkshop,
} from "@/server/registrations/read";
export { promoteWaitlist } from "@/server/registrations/seats";
export { tickRegistrations } from "@/server/registrations/tick";
export { addWalkIn, enterByCode, walkInLink } from "@/server/registrations/walk-ins";

// --- The form --------------------------------------------------------------------------------------------------------

const inviteWords: Record<InviteProblem, string> = {
  unknown: "This link is not complete or not right. Open it again from where you got it.",
  revoked: "This link was withdrawn.",
  cancelled: "This workshop was cancelled.",
  closed: "This workshop is over.",
  not_open: "Registration has not opened yet.",
  not_yet: "Registration has not opened yet.",
  ended: "Registration has ended.",
  used: "This invitation was used already.",
  expired: "This link has expired.",
  paused: "Registration is paused at the moment.",
};

function refuseInvite(problem: InviteProblem, page: InvitePage | null): never {
  const host = { name: page?.host.name ?? "", email: page?.host.email ?? "" };
  const opensAt = problem === "not_yet" ? page?.workshop.registrationOpensAt : null;
  const opens = opensAt && page ? ` It opens on ${formatMoment(opensAt, page.workshop.timeZone, "en", opensAt)}.` : "";
  const ask = `${opens}${page ? ` Ask ${page.host.name}: ${page.host.email}.` : ""}`;
  throw new DomainError(problem === "unknown" ? "not_found" : "gone", `${inviteWords[problem]}${ask}`, {
    reason: problem,
    say: { key: `invite.${problem}`, values: host },
  });
}

/** What the browser that registered keeps, encrypted in a cookie: enough to say "check your mail" and to send it again. */
const receiptShape = z.object({ id: z.string(), registrationId: z.string(), email: z.string(), invite: z.string() });
export type Receipt = z.infer<typeof receiptShape>;

const receiptPurpose = "registration-receipt";

/** Opens a receipt; null for one that is not ours. */
export function readReceipt(ctx: Context, sealed: string): Receipt | null {
  try {
    return receiptShape.parse(JSON.parse(unseal(ctx.env.ATELIER_SECRET_KEY, receiptPurpose, sealed)));
  } catch {
    return null;
  }
}

/** An address as it may be shown to who typed it: "l•••@a•••.com". */
export function maskEmail(email: string): string {
  const [local = "", domain = ""] = email.split("@");
  const dot = domain.lastIndexOf(".");
  return `${local.slice(0, 1)}•••@${domain.slice(0, 1)}•••${dot > 0 ? domain.slice(dot) : ""}`;
}

/** The registrant as a person of the team, made if the address is new; one who is known stays as they are. */
async function personFor(ctx: Context, tx: Tx, teamId: string, form: RegistrationForm): Promise<string> {
  const timeZone = form.timeZone && isTimeZone(form.timeZone) ? form.timeZone : null;
  const { email, name, locale } = form;
  const row = { id: ctx.newId("person"), teamId, email, name, locale, timeZone, createdAt: ctx.clock.now() };
  await tx.person.createMany({ data: [row], skipDuplicates: true });
  const person = await tx.person.findUniqueOrThrow({
    where: { teamId_email: { teamId, email } },
    select: { id: true },
  });
  return person.id;
}

/** Answers as they come: texts of a form or typed values, by the question's id. */
type TypedAnswers = Record<string, string | number | boolean | null>;

/** The form of a workshop: what every registration has, and its own questions. */
function formFor(questions: readonly QuestionDefinition[]) {
  return registrationForm.extend({ answers: answersFor(questions) });
}
type FilledForm = z.output<ReturnType<typeof formFor>>;

function checkDomain({ workshop, host }: InvitePage, email: string): void {
  if (domainAllowed(workshop.allowedDomains, email)) return;
  const domains = workshop.allowedDomains.join(", ");
  const message = `Only addresses of ${domains} can register. Use yours there, or ask ${host.name}: ${host.email}.`;
  const say = { key: "domain", values: { domains, host: host.name, address: host.email } } as const;
  throw new DomainError("invalid", message, { fields: { email: message }, say, sayFields: { email: say } });
}

/**
 * Registers through an invitation. Whether the address is new, waiting, or confirmed already, the answer is the same: a
 * receipt for "check your mail"; what differs is the mail that goes to the address itself. One person has one live
 * registration in a workshop (the index registration_live_person decides). Takes no seat: that is for the confirmation.
 * Throws `invalid` with fields, `gone` with the reason, `too_many`.
 */
export async function register(
  ctx: Context,
  input: { token: string; form: RegistrationFormInput & { answers?: TypedAnswers }; clientAddress?: string },
): Promise<{ receiptId: string; receipt: string }> {
  const page = await readInvite(ctx, { token: input.token });
  if (!page) refuseInvite("unknown", null);
  if (page.problem) refuseInvite(page.problem, page);
  const form = formFor(await questionsOf(ctx.db, page.workshop.id)).parse({ answers: {}, ...input.form });
  checkDomain(page, form.email);
  if (page.personal && page.personal.email !== form.email) {
    const message = `This invitation is for one address only. For another one, ask ${page.host.name}: ${page.host.email}.`;
    const say = { key: "email_other", values: { ...page.host } } as const;
    throw new DomainError("invalid", message, { fields: { email: message }, say });
  }
  await limit(ctx, "register-from", input.clientAddress ?? "direct", { points: 600, seconds: 600 });
  await limit(ctx, "register-invite", page.inviteId, { points: 1000, seconds: 600 });
  await limit(ctx, "register-address", `${page.teamId}:${form.email}`, { points: 8, seconds: 3600 });
  const once = () => ctx.db.$transaction((tx) => registerOnce(ctx, tx, page, form));
  const registrationId = await once().catch((error) => {
    if (error instanceof PersonForgotten) return once();
    throw error;
  });
  const receiptId = ctx.newId("registration");
  const receipt: Receipt = { id: receiptId, registrationId, email: form.email, invite: input.token };
  return { receiptId, receipt: seal(ctx.env.ATELIER_SECRET_KEY, receiptPurpose, JSON.stringify(receipt)) };
}

/** The person's data was deleted between finding them and registering them: the next try makes them anew. */
class PersonForgotten extends Error {}

async function registerOnce(ctx: Context, tx: Tx, page: InvitePage, form: FilledForm): Promise<string> {
  const now = ctx.clock.now();
  const { teamId, inviteId, memberId, customerId } = page;
  const workshopId = page.workshop.id;
  const personId = await personFor(ctx, tx, teamId, form);
  const typed = {
    typedName: form.name,
    company: form.company,
    jobTitle: form.jobTitle || null,
    noticeVersion,
    noticeLocale: form.locale,
    noticeAt: now,
    followUpAt: form.followUp ? now : null,
  };
  const row = { ...typed, id: ctx.newId("registration"), teamId, workshopId, personId, inviteId, memberId, customerId };
  const { count } = await tx.registration.createMany({ data: [{ ...row, createdAt: now }], skipDuplicates: true });
  if (count === 1) {
    // From here on the new row keeps the person; whoever forgot them a moment before did not see it.
    const kept = await tx.person.count({ where: { id: personId, email: form.email } });
    if (kept === 0) throw new PersonForgotten();
    await saveAnswers(ctx, tx, { teamId, registrationId: row.id, answers: form.answers });
    await recordActivity(ctx, tx, { kind: "registered", teamId, workshopId, inviteId, memberId, customerId });
    await audit(ctx, tx, { teamId, action: "registration.made", entity: "registration", entityId: row.id });
    await sendAgain(ctx, tx, row.id);
    return row.id;
  }
  const { id } = await tx.registration.findFirstOrThrow({
    where: { teamId, workshopId, personId, state: { notIn: [...endStates] } },
    select: { id: true },
  });
  // The last form counts, with the link that it came through: the one before may have been withdrawn since.
  const counts = { ...typed, inviteId, memberId, customerId };
  const last = await tx.registration.updateMany({ where: { id, state: "unverified" }, data: counts });
  if (last.count > 0) await saveAnswers(ctx, tx, { teamId, registrationId: id, answers: form.answers });
  await sendAgain(ctx, tx, id);
  return id;
}

/** The mail that says where a registration stands, and leads on from there. */
function standingMail(state: RegistrationState): MailKind | null {
  if (state === "unverified") return "confirm_address";
  if (state === "waitlisted" || state === "offered" || state === "awaiting_approval") return state;
  return holdsSeat(state) ? "confirmed" : null;
}

/** How long "send again" waits after a mail. */
export const resendSeconds = 30;

/** Sends that mail, unless one like it was written within the last half minute (double click, two tabs, impatience). */
async function sendAgain(ctx: Context, tx: Tx, registrationId: string): Promise<boolean> {
  const registration = await tx.registration.findUniqueOrThrow({
    where: { id: registrationId },
    select: { teamId: true, workshopId: true, state: true, noticeLocale: true },
  });
  const { teamId, workshopId, state, noticeLocale } = registration;
  const kind = standingMail(state);
  if (!kind) return true;
  const recent = await tx.message.findFirst({
    where: { registrationId, kind, createdAt: { gt: new Date(ctx.clock.now().getTime() - resendSeconds * 1000) } },
    select: { id: true },
  });
  if (recent) return false;
  const before = await tx.message.count({ where: { registrationId, kind } });
  await queueMail(ctx, tx, {
    kind,
    teamId,
    workshopId,
    registrationId,
    recipientKey: registrationId,
    occurrence: String(before + 1),
    locale: noticeLocale,
    urgent: true,
  });
  return true;
}

/**
 * Sends the mail again for the browser that registered: the confirm link, or, where the address is confirmed already, the
 * way in. Says nothing about which; `sent` is false where one was written a moment ago. Throws `not_found` without a
 * receipt, `too_many`.
 */
export async function resendConfirmation(
  ctx: Context,
  input: { receipt: string; clientAddress?: string },
): Promise<{ sent: boolean }> {
  const receipt = readReceipt(ctx, input.receipt);
  if (!receipt)
    throw new DomainError("not_found", "This browser does not know which registration it was. Register again.", {
      say: { key: "receipt" },
    });
  await limit(ctx, "register-from", input.clientAddress ?? "direct", { points: 600, seconds: 600 });
  await limit(ctx, "register-again", receipt.registrationId, { points: 6, seconds: 3600 });
  return ctx.db.$transaction(async (tx) => {
    const where = { id: receipt.registrationId, anonymizedAt: null };
    const known = await tx.registration.findFirst({ where, select: { id: true } });
    return { sent: known ? await sendAgain(ctx, tx, where.id) : true };
  });
}

// --- Confirming ------------------------------------------------------------------------------------------------------

const linkWords: Record<ConfirmProblem | "unknown", string> = {
  unknown: "This link is not complete or not right. Open it again from the mail.",
  used: "This address is confirmed already.",
  expired: "This link has expired.",
  revoked: "This link was withdrawn.",
  registration_over: "This registration was cancelled.",
  invite_revoked: "The invitation that this registration came through was withdrawn.",
  workshop_cancelled: "This workshop was cancelled.",
  workshop_closed: "This workshop is over.",
  too_late: "Registration ended before this address was confirmed.",
  anonymized: "This data was deleted.",
};

function linkRefusal(problem: ConfirmProblem | "unknown"): DomainError {
  return new DomainError(problem === "unknown" ? "not_found" : "gone", linkWords[problem], {
    reason: problem,
    say: { key: `link.${problem}` },
  });
}

function refuseLink(problem: ConfirmProblem | "unknown"): never {
  throw linkRefusal(problem);
}

export type Entered = { registrationId: string; browserToken: string };

/**
 * The button of the confirm link: takes a seat, or a place on the waitlist in the order of confirmation, and verifies this
 * browser. Pressed again (double click, two tabs, later) it changes nothing and leads to the same place; a while after its
 * first use it no longer verifies a browser, since mails get forwarded. Throws `not_found` or `gone` with the reason.
 */
export async function confirm(ctx: Context, input: { token: string; browserToken?: string | null }): Promise<Entered> {
  const known = await findLink(ctx, input.token, "confirm");
  if (!known) refuseLink("unknown");
  const { teamId, registrationId } = known;
  const { workshopId } = known.registration;
  const verified = await confirmInTurn(workshopId, { ctx, known });
  // After the lock: who is cut off in between presses the button again.
  const oldToken = input.browserToken ?? null;
  const enter = (tx: Tx) => admitBrowser(ctx, tx, { teamId, registrationId, verified, oldToken });
  // A browser that is new here is one row.
  const browserToken = oldToken ? await ctx.db.$transaction(enter) : await enter(ctx.db);
  return { registrationId, browserToken };
}

type Confirmation = { ctx: Context; known: LoadedLink };

const confirmInTurn = sharingTurns<Confirmation, boolean>(confirmTogether);

/** Those who confirmed at the same moment, in their order: whether each one's browser is verified now, or why it is not. */
async function confirmTogether(workshopId: string, all: readonly Confirmation[]): Promise<(boolean | DomainError)[]> {
  const { ctx, known } = all[0]!;
  return ctx.db.$transaction(async (tx) => {
    const workshop = await lockWorkshop(tx, workshopId, known.teamId);
    const links = await refreshLinks(
      tx,
      all.map((one) => one.known),
      workshop,
    );
    const now = ctx.clock.now();
    const fresh = new Map<string, LoadedLink>();
    const used: string[] = [];
    const answers = links.map((link) => {
      const problem = link ? confirmProblem(link, now) : "anonymized";
      if (!link || (problem && problem !== "used")) return linkRefusal(problem ?? "unknown");
      used.push(link.id);
      // Pressed twice at once, it is the first that takes the seat.
      if (problem === null && !fresh.has(link.registrationId)) fresh.set(link.registrationId, link);
      return stillVerifies(link, now);
    });
    if (used.length > 0)
      await tx.personalLink.updateMany({ where: { id: { in: used }, usedAt: null }, data: { usedAt: now } });
    if (fresh.size > 0) await takeSeats(ctx, tx, workshop, [...fresh.values()]);
    return answers;
  });
}

async function takeSeats(ctx: Context, tx: Tx, workshop: LockedWorkshop, links: readonly LoadedLink[]): Promise<void> {
  const { teamId, id: workshopId } = workshop;
  const to = workshop.approvalBy ? ("awaiting_approval" as const) : ("confirmed" as const);
  const registrationIds = links.map((link) => link.registrationId);
  const answers = await admitLocked(ctx, tx, workshop, { registrationIds, to });
  await takeNames(tx, links);
  const admitted = links.map(({ registrationId, registration }) => {
    const answer = answers.get(registrationId);
    const kind: typeof to | "waitlisted" = answer?.state === to ? to : "waitlisted";
    return { registrationId, registration, kind, waitReason: answer?.waitReason ?? null };
  });
  await recordActivities(
    ctx,
    tx,
    admitted.map(({ kind, registration: { memberId, inviteId, customerId } }) => {
      return { kind, teamId, workshopId, inviteId, memberId, customerId };
    }),
  );
  await auditAll(
    ctx,
    tx,
    admitted.map(({ kind, registrationId, waitReason }) => {
      const detail = waitReason ? { reason: waitReason } : {};
      return { teamId, action: `registration.${kind}`, entity: "registration", entityId: registrationId, detail };
    }),
  );
  await queueStandingMails(
    ctx,
    tx,
    admitted.map(({ kind, registrationId, registration: { noticeLocale: locale } }) => {
      return { kind, teamId, workshopId, registrationId, recipientKey: registrationId, occurrence: "1", locale };
    }),
  );
  if (admitted.some(({ kind }) => kind === "confirmed")) await serveLate(ctx, tx, workshop);
}

/** The names and languages of the forms become the persons', whose address is confirmed now. */
async function takeNames(tx: Tx, links: readonly LoadedLink[]): Promise<void> {
  const rows = links.flatMap(({ registration: { person, typedName, noticeLocale } }) =>
    typedName || person.locale !== noticeLocale ? [{ id: person.id, name: typedName, locale: noticeLocale }] : [],
  );
  if (rows.length === 0) return;
  const people = rows.map(({ id }) => id);
  // In one order always: two workshops may have the same people at the same moment.
  await tx.$executeRaw`SELECT 1 FROM "Person" WHERE "id" = ANY(${people}) ORDER BY "id" FOR NO KEY UPDATE`;
  await tx.$executeRaw`
    UPDATE "Person" p SET "locale" = x."locale", "name" = coalesce(nullif(x."name", ''), p."name")
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS x("id" text, "name" text, "locale" text) WHERE p."id" = x."id"`;
  const registrationIds = links.map((link) => link.registrationId);
  await tx.registration.updateMany({
    where: { id: { in: registrationIds }, typedName: { not: null } },
    data: { typedName: null },
  });
}

// --- Entering and verifying ------------------------------------------------------------------------------------------

/** Exchanges a personal link for a browser token that shows status only. Throws `not_found` or `gone` with the reason. */
export async function enterByLink(
  ctx: Context,
  input: { token: string; browserToken?: string | null },
): Promise<Entered> {
  const link = await findLink(ctx, input.token, "personal");
  if (!link) refuseLink("unknown");
  const problem = personalProblem(link, ctx.clock.now());
  if (problem) refuseLink(problem);
  return ctx.db.$transaction(async (tx) => {
    await tx.personalLink.updateMany({ where: { id: link.id, usedAt: null }, data: { usedAt: ctx.clock.now() } });
    const { teamId, registrationId } = link;
    const oldToken = input.browserToken ?? null;
    const browserToken = await admitBrowser(ctx, tx, { teamId, registrationId, verified: false, oldToken });
    return { registrationId, browserToken };
  });
}

/**
 * Verifies a browser that entered already, by the code from a mail or by the one that a facilitator reads out, and returns
 * its new token. Throws what the check of the code throws.
 */
export async function verifyBrowser(
  ctx: Context<AttendeeActor>,
  input: { code: string; by: "mail" | "facilitator"; browserToken: string; clientAddress?: string },
): Promise<string> {
  const { teamId, registrationId } = ctx.actor;
  const parsed = codeField.safeParse(input.code);
  if (!parsed.success) {
    const message = parsed.error.issues[0]?.message ?? "Enter the code.";
    throw new DomainError("invalid", message, { fields: { code: message }, say: { key: "code_digits" } });
  }
  const check = { registrationId, code: parsed.data, clientAddress: input.clientAddress };
  if (input.by === "mail") await checkCustomerCode(ctx, check);
  else await checkFacilitatorCode(ctx, check);
  return ctx.db.$transaction(async (tx) => {
    const entry = { action: "registration.browser_verified", entity: "registration", entityId: registrationId };
    await audit(ctx, tx, { teamId, ...entry, detail: { by: input.by } });
    return admitBrowser(ctx, tx, { teamId, registrationId, verified: true, oldToken: input.browserToken });
  });
}

// --- Changing and cancelling -----------------------------------------------------------------------------------------

/** The registration that an actor may change: their own from a verified browser, or one that the member is responsible for. */
async function forChange(ctx: Context, registrationId: string) {
  const { actor } = ctx;
  if (actor.kind === "attendee" && actor.registrationId === registrationId && !actor.verified)
    throw new DomainError("unverified", "First show that this is you: with the code that we mail you.", {
      say: { key: "unverified" },
    });
  const scope =
    actor.kind === "attendee"
      ? { teamId: actor.teamId, AND: { id: actor.registrationId } }
      : attributedScope(allowMember(actor, "registration.edit"));
  const registration = await ctx.db.registration.findFirst({
    where: { ...scope, id: registrationId, anonymizedAt: null },
    select: {
      id: true,
      teamId: true,
      workshopId: true,
      personId: true,
      memberId: true,
      inviteId: true,
      customerId: true,
    },
  });
  if (!registration) throw notFound("registration");
  return registration;
}

/**
 * Cancels a registration: frees the seat, revokes its links, tells its person, and moves up the first suitable one of the
 * waitlist, all in one transaction. `not_ready` while an AWS account is lent to it in an open workshop, or once it closes; a
 * second call is a `conflict`.
 */
export async function cancelRegistration(ctx: Context, input: { registrationId: string }): Promise<void> {
  const { id, teamId, workshopId, ...attribution } = await forChange(ctx, input.registrationId);
  const cancel = async (tx: Tx) => {
    const workshop = await lockWorkshop(tx, workshopId, teamId);
    if (!["draft", "registration", "open"].includes(workshop.state))
      throw new DomainError("not_ready", "The workshop is over, so there is nothing left to cancel.", {
        say: { key: "cancel_over" },
      });
    const lent = await tx.lease.findFirst({ where: { registrationId: id, endedAt: null }, select: { id: true } });
    if (lent && workshop.state === "open")
      throw new DomainError(
        "not_ready",
        "The workshop is open and an AWS account is lent to this registration. It is taken back when the workshop closes; leaving early needs no cancelling.",
        { say: { key: "cancel_lent" } },
      );
    const answer = await changeLocked(ctx, tx, workshop, { registrationId: id, to: "cancelled" });
    // An account made ready early goes back unseen.
    if (lent) await startTakingBack(ctx, tx, { workshopId, registrationId: id });
    const now = ctx.clock.now();
    await tx.personalLink.updateMany({ where: { registrationId: id, revokedAt: null }, data: { revokedAt: now } });
    const { memberId, inviteId, customerId } = attribution;
    await recordActivity(ctx, tx, { kind: "cancelled", teamId, workshopId, memberId, inviteId, customerId });
    await audit(ctx, tx, { teamId, action: "registration.cancelled", entity: "registration", entityId: id });
    // Whoever never confirmed the address gets no further mail at it.
    if (answer.from !== "unverified") await tellCancelled(ctx, tx, { id, teamId, workshopId });
    if (holdsSeat(answer.from)) await promoteWaitlist(ctx, tx, { workshopId });
  };
  await inTurn(workshopId, () => ctx.db.$transaction(cancel));
}

async function tellCancelled(
  ctx: Context,
  tx: Tx,
  { id, teamId, workshopId }: { id: string; teamId: string; workshopId: string },
): Promise<void> {
  const { person } = await tx.registration.findUniqueOrThrow({
    where: { id },
    select: { person: { select: { locale: true } } },
  });
  await queueMail(ctx, tx, {
    kind: "registration_cancelled",
    teamId,
    workshopId,
    registrationId: id,
    recipientKey: id,
    occurrence: "1",
    locale: person.locale,
  });
}

/**
 * Changes name, company, role, the consent to a follow-up and, where they are given, the answers; the time of a consent that
 * stays is kept.
 */
export async function changeMyData(
  ctx: Context<AttendeeActor>,
  input: { registrationId: string; form: z.input<typeof myDataForm> & { answers?: TypedAnswers } },
): Promise<void> {
  const { id, teamId, personId, workshopId } = await forChange(ctx, input.registrationId);
  const asked = input.form.answers ? await questionsOf(ctx.db, workshopId) : [];
  const form = myDataForm.extend({ answers: answersFor(asked) }).parse({ answers: {}, ...input.form });
  const now = ctx.clock.now();
  await ctx.db.$transaction(async (tx) => {
    await tx.person.updateMany({ where: { id: personId, teamId }, data: { name: form.name } });
    await saveAnswers(ctx, tx, { teamId, registrationId: id, answers: form.answers });
    await tx.registration.updateMany({
      where: { id, anonymizedAt: null },
      data: { company: form.company, jobTitle: form.jobTitle || null, ...(form.followUp ? {} : { followUpAt: null }) },
    });
    if (form.followUp)
      await tx.registration.updateMany({ where: { id, followUpAt: null }, data: { followUpAt: now, noticeVersion } });
    await audit(ctx, tx, { teamId, action: "registration.changed", entity: "registration", entityId: id });
  });
}
