import type { Prisma } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { enqueueAll } from "@/server/jobs/queue";
import type { MailKind } from "@/server/mail/kinds";
import { queueMail } from "@/server/mail/outbox";
import { allowMember } from "@/server/permissions";
import { forgetPersons } from "@/server/privacy/anonymize";
import { limit } from "@/server/rate-limit";
import { endStates, type RegistrationState } from "@/server/registrations/lifecycle";
import { domainAllowed, emailField } from "@/server/registrations/schemas";

/** Putting right what is held about somebody (Art. 16 GDPR) where they cannot do it themselves: the address that mails go to. */

/** Whoever has not confirmed yet registers anew with the right address; afterwards there is no mail that matters. */
const correctable: readonly RegistrationState[] = ["awaiting_approval", "waitlisted", "offered", "confirmed"];
/** The mail that tells how a registration stands. */
const standing: Partial<Record<RegistrationState, MailKind>> = {
  awaiting_approval: "awaiting_approval",
  waitlisted: "waitlisted",
  offered: "offered",
  confirmed: "confirmed",
};
/** Mails whose reader was not the attendee, or who had to be at the old address. */
const notAgain = ["sign_in_code", "confirm_address", "handover_offer"];

/** A signed-in browser left alone sends no seats to strangers. */
const pace = { points: 60, seconds: 3600 };

const loaded = {
  ...{ id: true, teamId: true, workshopId: true, personId: true, state: true, typedName: true, anonymizedAt: true },
  person: { select: { name: true, email: true, locale: true, timeZone: true } },
  leases: { where: { endedAt: null, state: "ready" }, select: { id: true } },
  workshop: { select: { state: true, allowedDomains: true } },
} as const satisfies Prisma.RegistrationSelect;
type Loaded = Prisma.RegistrationGetPayload<{ select: typeof loaded }>;

function refuseAddress(message: string): never {
  throw new DomainError("invalid", message, { fields: { email: message } });
}

/**
 * Gives a registration the address that its person says is theirs, in place of one that was mistyped or takes no mail: for
 * those who may help people in, who could read out a code as well. Links and browsers of the old address end, mails that did
 * not arrive go to the new one, and where there are none the mail that tells how the registration stands. Other registrations
 * of the old address stay with it; where there are none, it is forgotten. Throws `not_ready` for a registration that has ended or was
 * never confirmed, `invalid` with the field, `conflict` for an address that has a registration here, `too_many`.
 */
export async function correctAddress(
  ctx: Context,
  input: { registrationId: string; email: string },
): Promise<{ mails: number }> {
  const actor = allowMember(ctx.actor, "registration.help");
  const { teamId } = actor;
  const where = { id: input.registrationId, teamId, anonymizedAt: null };
  const found = await ctx.db.registration.findFirst({ where, select: { workshopId: true } });
  if (!found) throw notFound("registration");
  const email = emailField.safeParse(input.email);
  if (!email.success) refuseAddress(email.error.issues[0]?.message ?? "Check the address.");
  await limit(ctx, "correct-address", actor.memberId, pace);
  return ctx.db.$transaction(async (tx) => {
    // The workshop first, as everywhere: seats, closing and forgetting wait for each other there.
    await tx.$queryRaw`SELECT 1 FROM "Workshop" WHERE "id" = ${found.workshopId} FOR NO KEY UPDATE`;
    const row = await tx.registration.findFirst({ where, select: loaded });
    if (!row) throw notFound("registration");
    check(row, email.data);
    await moveTo(ctx, tx, row, email.data);
    await endEntrances(ctx, tx, row.id);
    await forgetPersons(ctx, tx, { teamId, personIds: [row.personId] });
    const entry = { action: "registration.address_corrected", entity: "registration", entityId: row.id };
    await audit(ctx, tx, { teamId, ...entry });
    return { mails: await writeAgain(ctx, tx, row) };
  });
}

function check({ state, person, workshop }: Loaded, email: string): void {
  if (!correctable.includes(state))
    throw new DomainError(
      "not_ready",
      state === "unverified"
        ? "They have not confirmed their address: they register again with the right one, by the same link."
        : "This registration has ended, so no mail goes to it any more.",
    );
  if (person.email === email) refuseAddress("This is the address that they have already.");
  if (!domainAllowed(workshop.allowedDomains, email))
    refuseAddress(`Only addresses of ${workshop.allowedDomains.join(", ")} can have a seat in this workshop.`);
}

/** The person of the new address, made if it is new; one that is known keeps their name, as at the door. */
async function moveTo(ctx: Context, tx: Tx, row: Loaded, email: string): Promise<void> {
  const { teamId, workshopId } = row;
  const name = row.typedName ?? row.person.name;
  const { locale, timeZone } = row.person;
  const fresh = { id: ctx.newId("person"), teamId, email, name, locale, timeZone, createdAt: ctx.clock.now() };
  const made = await tx.person.createMany({ data: [fresh], skipDuplicates: true });
  const [person] = await tx.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "Person" WHERE "teamId" = ${teamId} AND "email" = ${email} FOR UPDATE`;
  if (!person) throw new DomainError("conflict", "That address was deleted a moment ago. Try again.");
  const live = { workshopId, personId: person.id, state: { notIn: [...endStates] } };
  if ((await tx.registration.count({ where: live })) > 0) {
    const message = "This address has a registration in this workshop already.";
    throw new DomainError("conflict", message, { fields: { email: message } });
  }
  await tx.registration.update({
    where: { id: row.id },
    data: { personId: person.id, typedName: made.count === 1 ? null : name },
  });
}

/** Whatever opens the registration to whoever reads the old address; what was sent to a colleague is theirs. */
async function endEntrances(ctx: Context, tx: Tx, registrationId: string): Promise<void> {
  const revokedAt = ctx.clock.now();
  const open = { registrationId, revokedAt: null };
  await tx.personalLink.updateMany({ where: { ...open, purpose: { not: "handover" } }, data: { revokedAt } });
  await tx.attendeeBrowser.updateMany({ where: open, data: { revokedAt } });
  await tx.signInAttempt.deleteMany({ where: { registrationId } });
}

async function writeAgain(ctx: Context, tx: Tx, row: Loaded): Promise<number> {
  const { id: registrationId, teamId, workshopId, state, workshop, leases } = row;
  const now = ctx.clock.now();
  const lost = await tx.message.updateManyAndReturn({
    where: {
      ...{ teamId, registrationId, kind: { notIn: notAgain } },
      state: { in: ["failed", "in_doubt", "bounced", "complained", "suppressed"] },
      OR: [{ notAfter: null }, { notAfter: { gt: now } }],
    },
    data: { state: "queued", dueAt: now, lastError: null },
    select: { id: true, kind: true },
  });
  const jobs = lost.map(({ id: messageId }) => ({ messageId }));
  await enqueueAll(ctx, tx, "mail.send", jobs, { priority: 10 });
  const inside = state === "confirmed" && workshop.state === "open" && leases.length > 0;
  const kind = inside ? "access_ready" : standing[state];
  if (!kind || lost.some((mail) => mail.kind === kind || mail.kind === "access_ready")) return lost.length;
  await queueMail(ctx, tx, {
    ...{ kind, teamId, workshopId, registrationId, recipientKey: registrationId, locale: row.person.locale },
    ...{ occurrence: `address ${now.toISOString()}`, urgent: true },
  });
  return lost.length + 1;
}
