import { z } from "zod";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { checkFacilitatorCode } from "@/server/identity/identity";
import { recordActivity } from "@/server/insights/activity";
import { ensureInvite, inviteLink, readInvite } from "@/server/invites/invites";
import { languages } from "@/server/languages/kinds";
import { roomScope } from "@/server/permissions";
import { limit } from "@/server/rate-limit";
import { admitBrowser } from "@/server/registrations/browsers";
import {
  checkApproval,
  checkInTime,
  doorQuestions,
  markedRow,
  markWalkIn,
  refuseSeat,
  roomWorkshop,
  tellSeat,
} from "@/server/registrations/check-in";
import { endStates, isLive } from "@/server/registrations/lifecycle";
import { noticeVersion } from "@/server/registrations/notice";
import { questionsOf, saveAnswers } from "@/server/registrations/questions";
import type { Entered } from "@/server/registrations/registrations";
import { answersFor, codeField, emailField, walkInDetails } from "@/server/registrations/schemas";
import { changeLocked, inTurn, type LockedWorkshop, lockWorkshop, serveLate } from "@/server/registrations/seats";

/**
 * People who come without a registration: written down by whoever keeps the door, with the notice read on that screen, or by
 * themselves through a link on a code. Nobody proves an address this way, so a person who is known already stays as they
 * are: the name that was said at the door waits with the registration, as with the form of an invitation.
 */

const noticeWords = "Show them the notice, and tick the box once they agree.";

export const walkIn = z.object({
  workshopId: z.string().min(1).max(60),
  ...walkInDetails,
  email: emailField,
  /** Language of the mails to them. */
  locale: z.enum(languages).default("en"),
  /** The account manager whom they are put down to; nobody when null. An account manager's own people are their own. */
  memberId: z.string().max(60).nullish(),
  noticeAccepted: z.literal(true, { error: noticeWords }),
  /** What they said to the workshop's questions, by the question's id; checked against doorQuestions. */
  answers: z.record(z.string().max(60), z.union([z.string().max(5000), z.boolean()]).nullable()).default({}),
});
export type WalkIn = z.output<typeof walkIn>;

/** At most this often, so that a signed-in browser left alone in a room fills no workshop and mails no strangers. */
const pace = { points: 120, seconds: 3600 };

/**
 * Registers somebody who stands at the door: confirmed where every limit allows it, checked in, told by mail, with an account
 * as soon as one is free where the workshop is open. All or nothing, in one transaction. Throws `not_ready` outside of the time
 * for it or where there is no seat (with the limit in words), `conflict` (reason `known`) for an address that has a live
 * registration here, `invalid` with fields, `too_many`.
 * Their answers to the workshop's questions are kept; an error is at `answers.<id>`.
 */
export async function addWalkIn(ctx: Context, input: z.input<typeof walkIn>): Promise<{ registrationId: string }> {
  const form = walkIn.parse(input);
  const { actor, workshop } = await roomWorkshop(ctx, form.workshopId);
  const { teamId } = actor;
  const hosts = workshop.accountManagers.map((row) => row.memberId);
  if (form.memberId && actor.role !== "account_manager" && !hosts.includes(form.memberId)) throw notFound("member");
  const memberId = actor.role === "account_manager" ? actor.memberId : (form.memberId ?? null);
  const asked = doorQuestions(await questionsOf(ctx.db, workshop.id));
  const { answers } = z.object({ answers: answersFor(asked) }).parse({ answers: form.answers });
  await limit(ctx, "walk-in", actor.memberId, pace);
  const registrationId = ctx.newId("registration");
  const add = async (tx: Tx) => {
    const locked = await lockWorkshop(tx, workshop.id, teamId);
    if (checkInTime({ ...workshop, ...locked }, ctx.clock.now()).phase !== "now")
      throw new DomainError(
        "not_ready",
        "People are written down at the door on the day of the workshop, until it ends.",
      );
    checkApproval(ctx, locked);
    await writeDown(ctx, tx, { form, registrationId, memberId, teamId });
    await saveAnswers(ctx, tx, { teamId, registrationId, answers });
    await giveSeat(ctx, tx, locked, registrationId);
  };
  await inTurn(workshop.id, () => ctx.db.$transaction(add));
  return { registrationId };
}

type Written = { form: WalkIn; registrationId: string; memberId: string | null; teamId: string };

/** The person, made if the address is new, and an unconfirmed registration of theirs. */
async function writeDown(ctx: Context, tx: Tx, { form, registrationId, memberId, teamId }: Written): Promise<void> {
  const { workshopId, name, email, company, locale } = form;
  const now = ctx.clock.now();
  const fresh = { id: ctx.newId("person"), teamId, email, name, locale, createdAt: now };
  const made = await tx.person.createMany({ data: [fresh], skipDuplicates: true });
  const [person] = await tx.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "Person" WHERE "teamId" = ${teamId} AND "email" = ${email} FOR UPDATE`;
  if (!person) throw new DomainError("conflict", "Their data was deleted a moment ago. Add them again.");
  const row = {
    ...{ id: registrationId, teamId, workshopId, personId: person.id, memberId, company, createdAt: now },
    ...{ noticeVersion, noticeLocale: locale, noticeAt: now, typedName: made.count === 1 ? null : name },
  };
  const { count } = await tx.registration.createMany({ data: [row], skipDuplicates: true });
  if (count === 0) await refuseKnown(ctx, tx, { teamId, workshopId, personId: person.id });
  await recordActivity(ctx, tx, { kind: "registered", teamId, workshopId, memberId });
  await audit(ctx, tx, { teamId, action: "registration.walked_in", entity: "registration", entityId: registrationId });
}

/** Somebody with this address has a live registration: where it is, as far as the member may know. */
async function refuseKnown(
  ctx: Context,
  tx: Tx,
  where: { teamId: string; workshopId: string; personId: string },
): Promise<never> {
  const scope = ctx.actor.kind === "member" ? [roomScope(ctx.actor)] : [];
  const visible = await tx.registration.findFirst({
    where: { AND: [where, { state: { notIn: [...endStates] } }, ...scope] },
    select: { id: true },
  });
  const message = visible
    ? "This address is registered already: look for it in the list."
    : "This address is registered already, through another account manager. Ask who presents the workshop.";
  throw new DomainError("conflict", message, { reason: "known", fields: { email: message } });
}

async function giveSeat(ctx: Context, tx: Tx, workshop: LockedWorkshop, registrationId: string): Promise<void> {
  const answer = await changeLocked(ctx, tx, workshop, { registrationId, to: "confirmed" });
  if (answer.waitReason) throw refuseSeat(answer.waitReason);
  await tellSeat(ctx, tx, await markedRow(tx, registrationId), "unverified");
  await serveLate(ctx, tx, workshop);
  await markWalkIn(ctx, tx, { id: registrationId, teamId: workshop.teamId });
}

/**
 * The link through which people at the door register themselves: an account manager's own shared one, made if there is none.
 * `not_ready` with the reason where it takes nobody now.
 */
export async function walkInLink(
  ctx: Context,
  input: { workshopId: string; memberId?: string | null },
): Promise<{ link: string }> {
  const { actor, workshop } = await roomWorkshop(ctx, input.workshopId);
  const memberId = actor.role === "account_manager" ? actor.memberId : input.memberId;
  const host = workshop.accountManagers.find((row) => row.memberId === memberId && !row.member.removedAt);
  if (!host)
    throw new DomainError("not_ready", "Only account managers of the workshop have a link. Choose one of them.");
  const wanted = { teamId: actor.teamId, workshopId: workshop.id, memberId: host.memberId };
  const invite = await ctx.db.$transaction((tx) => ensureInvite(ctx, tx, wanted));
  const link = inviteLink(ctx, invite);
  const page = await readInvite(ctx, { token: link.split("/").at(-1) ?? "" });
  if (page?.problem)
    throw new DomainError("not_ready", "The link takes no registrations at the moment. Write them down here instead.", {
      reason: page.problem,
    });
  return { link };
}

const wrongCode = "This code is not right, or it no longer works. Ask for another one.";

/**
 * Lets a browser into "my workshop" that came by the code on the facilitator's screen and by the one-time code that they read
 * out; it counts as verified. One answer, `invalid`, for a wrong code, for one that has ended and for a registration that does
 * not exist; `too_many`.
 */
export async function enterByCode(
  ctx: Context,
  input: { registrationId: string; code: string; browserToken?: string | null; clientAddress?: string },
): Promise<Entered> {
  const { registrationId, clientAddress } = input;
  const code = codeField.safeParse(input.code);
  const refused = new DomainError("invalid", wrongCode, { fields: { code: wrongCode }, say: { key: "doorCode" } });
  if (!code.success) throw refused;
  await limit(ctx, "enter-by-code", clientAddress ?? "direct", { points: 300, seconds: 600 });
  const registration = await ctx.db.registration.findFirst({
    where: { id: registrationId, anonymizedAt: null },
    select: { teamId: true, state: true },
  });
  if (!registration || !isLive(registration.state)) throw refused;
  const { teamId } = registration;
  try {
    await checkFacilitatorCode(ctx, { registrationId, code: code.data, clientAddress });
  } catch (error) {
    if (error instanceof DomainError && error.code !== "too_many") throw refused;
    throw error;
  }
  const browserToken = await ctx.db.$transaction(async (tx) => {
    const entry = { action: "registration.browser_verified", entity: "registration", entityId: registrationId };
    await audit(ctx, tx, { teamId, ...entry, detail: { by: "facilitator" } });
    return admitBrowser(ctx, tx, { teamId, registrationId, verified: true, oldToken: input.browserToken ?? null });
  });
  return { registrationId, browserToken };
}
