import type { Prisma, Workshop } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { deleteCustomerIdentity } from "@/server/identity/identity";
import { enqueue } from "@/server/jobs/queue";
import { forgetLocalMail } from "@/server/mail/mailbox";
import { allowMember } from "@/server/permissions";
import { clearTypedNames } from "@/server/privacy/typed-names";
import { cancelRegistration } from "@/server/registrations/registrations";

/**
 * Forgetting attendees. What is personal goes, what is counted stays: rows, states, times and matches with customers remain,
 * so every figure is the same before and after. personal-data.ts says for each column what happens to it.
 */

/** Registrations forgotten in one transaction: short enough to stop and resume anywhere. */
const batchSize = 100;
const day = 86_400_000;
/** Beyond the team's days, for a workshop that was never closed: nobody is kept because of that. */
const neverClosedGraceDays = 30;

/** What an anonymization did, in counts; grows batch by batch, and is the certificate once it is over. */
export type Certificate = {
  registrations: number;
  /** Persons whose contact data went; `personsKept` are in another workshop that is not over yet. */
  persons: number;
  personsKept: number;
  messages: number;
  links: number;
  browsers: number;
  attempts: number;
  mailboxFiles: number;
  resourceNames: number;
  /** Companies as typed that nobody had matched with a customer. */
  companiesUnmatched: number;
  figures?: Figures;
};

/** Figures that outlive anonymization, counted from the rows that stay. */
export type Figures = {
  registered: number;
  confirmed: number;
  attended: number;
  noShow: number;
  customers: number;
  byAccountManager: Record<string, number>;
};

const nothingYet: Certificate = {
  registrations: 0,
  persons: 0,
  personsKept: 0,
  messages: 0,
  links: 0,
  browsers: 0,
  attempts: 0,
  mailboxFiles: 0,
  resourceNames: 0,
  companiesUnmatched: 0,
};

function add(sofar: Certificate, more: Partial<Certificate>): Certificate {
  const { figures, ...counts } = more;
  const sum = { ...sofar };
  for (const [name, count] of Object.entries(counts)) sum[name as keyof typeof counts] += count;
  return figures ? { ...sum, figures } : sum;
}

/** Counted from rows that anonymizing keeps; the same before and after it. */
export async function workshopFigures(tx: Tx, workshopId: string): Promise<Figures> {
  const had = (states: Prisma.EnumRegistrationStateFilter) =>
    tx.registration.count({ where: { workshopId, state: states } });
  const [registered, confirmed, attended, noShow] = [
    await tx.registration.count({ where: { workshopId } }),
    await had({ in: ["confirmed", "attended", "no_show"] }),
    await had({ in: ["attended"] }),
    await had({ in: ["no_show"] }),
  ];
  const where = { workshopId, customerId: { not: null } };
  const customers = await tx.registration.findMany({ where, distinct: ["customerId"], select: { customerId: true } });
  const members = await tx.registration.groupBy({ by: ["memberId"], where: { workshopId }, _count: { _all: true } });
  const byAccountManager = Object.fromEntries(members.map((group) => [group.memberId ?? "nobody", group._count._all]));
  return { registered, confirmed, attended, noShow, customers: customers.length, byAccountManager };
}

// --- When ------------------------------------------------------------------------------------------------------------

type Dated = Pick<Workshop, "state" | "anonymizeAt" | "cancelledAt" | "closedAt" | "endsAt"> & {
  team: { anonymizeAfterDays: number; cancelledAnonymizeDays: number };
};

/**
 * When the people of a workshop are to be forgotten: the date that closing or cancelling set, else by the team's days; and for
 * one that was never closed a month later still. Null while it has no end.
 */
export function anonymizeDate(workshop: Dated): Date | null {
  const { state, anonymizeAt, cancelledAt, closedAt, endsAt, team } = workshop;
  const after = (at: Date, days: number) => new Date(at.getTime() + days * day);
  if (anonymizeAt) return anonymizeAt;
  if (state === "cancelled" && cancelledAt) return after(cancelledAt, team.cancelledAnonymizeDays);
  if (closedAt) return after(closedAt, team.anonymizeAfterDays);
  return endsAt && after(endsAt, team.anonymizeAfterDays + neverClosedGraceDays);
}

// --- A workshop ------------------------------------------------------------------------------------------------------

const withTeam = { team: { select: { anonymizeAfterDays: true, cancelledAnonymizeDays: true } } } as const;

/**
 * Job: forgets the attendees of a workshop whose date has come. Works in batches, each with its count in the same transaction,
 * so that it can be killed anywhere, run twice and run again; the last step writes date, certificate and audit entry once.
 */
export async function anonymizeWorkshop(ctx: Context, input: { workshopId: string }): Promise<void> {
  const workshop = await ctx.db.workshop.findUnique({ where: { id: input.workshopId }, include: withTeam });
  if (!workshop || workshop.anonymizedAt) return;
  const due = anonymizeDate(workshop);
  if (!due || due > ctx.clock.now()) return;
  while (await forgetBatch(ctx, workshop));
  while (await forgetInviteBatch(ctx, workshop));
  await ctx.db.$transaction(async (tx) => {
    const cleared = await clearTypedNames(tx, { workshopId: workshop.id });
    const figures = await workshopFigures(tx, workshop.id);
    const certificate = add(await certificateOf(tx, workshop.id), { resourceNames: cleared, figures });
    const { count } = await tx.workshop.updateMany({
      where: { id: workshop.id, anonymizedAt: null },
      data: { anonymizedAt: ctx.clock.now(), anonymization: certificate },
    });
    if (count === 0) return;
    const { registrations, persons, personsKept } = certificate;
    await audit(ctx, tx, {
      teamId: workshop.teamId,
      action: "workshop.anonymized",
      entity: "workshop",
      entityId: workshop.id,
      detail: { registrations, persons, personsKept },
    });
  });
}

async function certificateOf(tx: Tx, workshopId: string): Promise<Certificate> {
  const { anonymization } = await tx.workshop.findUniqueOrThrow({
    where: { id: workshopId },
    select: { anonymization: true },
  });
  return { ...nothingYet, ...(anonymization as Partial<Certificate> | null) };
}

async function forgetBatch(ctx: Context, workshop: Workshop): Promise<boolean> {
  return ctx.db.$transaction(async (tx) => {
    // The workshop first, as everywhere: of two runs at the same time, one counts after the other.
    await tx.$queryRaw`select id from "Workshop" where id = ${workshop.id} for no key update`;
    const registrations = await tx.$queryRaw<{ id: string }[]>`
      select id from "Registration" where "workshopId" = ${workshop.id} and "anonymizedAt" is null
      order by id limit ${batchSize} for update`;
    if (registrations.length === 0) return false;
    const did = await forgetRegistrations(ctx, tx, {
      teamId: workshop.teamId,
      ids: registrations.map((row) => row.id),
    });
    const anonymization = add(await certificateOf(tx, workshop.id), did);
    await tx.workshop.update({ where: { id: workshop.id }, data: { anonymization } });
    return true;
  });
}

/** The addresses that were invited to the workshop. */
async function forgetInviteBatch(ctx: Context, { id: workshopId, teamId }: Workshop): Promise<boolean> {
  return ctx.db.$transaction(async (tx) => {
    const rows = await tx.invite.findMany({
      where: { workshopId, email: { not: null } },
      orderBy: { id: "asc" },
      take: batchSize,
      select: { id: true },
    });
    await forgetInvites(ctx, tx, { teamId, inviteIds: rows.map((row) => row.id) });
    return rows.length > 0;
  });
}

/**
 * Deletes the addresses of links for one address, with what their mails left. A link whose address is gone no longer works;
 * its figures stay. In the caller's transaction.
 */
export async function forgetInvites(
  ctx: Context,
  tx: Tx,
  { teamId, inviteIds }: { teamId: string; inviteIds: string[] },
): Promise<void> {
  const invites = await tx.invite.findMany({
    where: { teamId, id: { in: inviteIds }, email: { not: null } },
    select: { id: true, email: true },
  });
  const ids = invites.map((invite) => invite.id);
  if (ids.length === 0) return;
  const messages = await tx.message.findMany({
    where: { teamId, inviteId: { in: ids }, kind: "invitation" },
    select: { id: true },
  });
  const messageIds = messages.map((message) => message.id);
  await forgetMessages(tx, messageIds);
  await tx.invite.updateMany({
    where: { id: { in: ids } },
    data: { email: null, name: null, note: "", forgottenAt: ctx.clock.now() },
  });
  await forgetLocalMail(ctx.env, { messageIds, addresses: [] });
}

// --- Registrations and persons ---------------------------------------------------------------------------------------

/** Forgets registrations and each person who has no other one; in the caller's transaction. */
async function forgetRegistrations(
  ctx: Context,
  tx: Tx,
  { teamId, ids }: { teamId: string; ids: string[] },
): Promise<Partial<Certificate>> {
  const now = ctx.clock.now();
  const ofThese = { registrationId: { in: ids } };
  const rows = await tx.registration.findMany({
    where: { id: { in: ids } },
    select: { personId: true, company: true, customerId: true },
  });
  const attempts = await tx.signInAttempt.findMany({ where: ofThese, select: { id: true } });
  const attemptIds = attempts.map((attempt) => attempt.id);
  const messages = await tx.message.findMany({
    where: { OR: [ofThese, { attemptId: { in: attemptIds } }] },
    select: { id: true },
  });
  const messageIds = messages.map((message) => message.id);
  await forgetMessages(tx, messageIds);
  await tx.answer.deleteMany({ where: { ...ofThese, question: { dataClass: { not: "none" } } } });
  const links = await tx.personalLink.deleteMany({ where: ofThese });
  await tx.handover.updateMany({
    where: { ...ofThese, state: "pending" },
    data: { state: "withdrawn", email: null, name: null, endedAt: now },
  });
  const browsers = await tx.attendeeBrowser.deleteMany({ where: ofThese });
  await tx.signInAttempt.deleteMany({ where: ofThese });
  await forgetJobs(tx, [...ids, ...messageIds]);
  await tx.registration.updateMany({
    where: { id: { in: ids } },
    data: {
      ...{ typedName: null, company: null, jobTitle: null, followUpAt: null, decisionReason: null },
      anonymizedAt: now,
    },
  });
  const unmatched = rows.filter((row) => row.company !== null && row.customerId === null).map((row) => row.company);
  const personIds = [...new Set(rows.map((row) => row.personId))];
  const persons = await forgetPersons(ctx, tx, { teamId, personIds });
  const mailboxFiles = await forgetLocalMail(ctx.env, { messageIds, addresses: persons.addresses });
  return {
    registrations: ids.length,
    persons: persons.forgotten,
    personsKept: personIds.length - persons.forgotten,
    messages: messageIds.length,
    links: links.count,
    browsers: browsers.count,
    attempts: attemptIds.length,
    mailboxFiles,
    companiesUnmatched: new Set(unmatched).size,
  };
}

/** What is unsent will not go any more. SES's id leads to the address in its records, and a bounce may quote it: both go. */
async function forgetMessages(tx: Tx, ids: string[]): Promise<void> {
  await tx.message.updateMany({ where: { id: { in: ids } }, data: { data: {}, providerId: null, lastError: null } });
  await tx.message.updateMany({
    where: { id: { in: ids }, state: { in: ["queued", "failed", "in_doubt"] } },
    data: { state: "cancelled", lastError: "The person's data was deleted." },
  });
}

/** What failed jobs left behind. Payloads are ids only; outputs are emptied, should an error ever have quoted something. */
async function forgetJobs(tx: Tx, ids: string[]): Promise<void> {
  await tx.$executeRaw`
    update pgboss.job set output = null
    where output is not null
      and (data->>'messageId' = any(${ids}) or data->>'leaseId' in
        (select id from "Lease" where "registrationId" = any(${ids})))`;
}

/**
 * Scrubs each person none of whose registrations is still needed. The row is locked first and looked at after, so that a
 * registration made meanwhile is seen. The outside copy goes by a job, which needs `subject` and nulls it.
 */
export async function forgetPersons(
  ctx: Context,
  tx: Tx,
  { teamId, personIds }: { teamId: string; personIds: string[] },
): Promise<{ forgotten: number; addresses: string[] }> {
  const locked = await tx.$queryRaw<{ id: string }[]>`
    select id from "Person" where "teamId" = ${teamId} and id = any(${personIds}) order by id for update`;
  const persons = await tx.person.findMany({
    where: { id: { in: locked.map((row) => row.id) }, registrations: { none: { anonymizedAt: null } } },
    select: { id: true, email: true },
  });
  const ids = persons.map((person) => person.id);
  await tx.person.updateMany({
    where: { id: { in: ids } },
    data: { email: null, name: null, timeZone: null, locale: "en", anonymizedAt: ctx.clock.now() },
  });
  for (const personId of ids) await enqueue(ctx, tx, "privacy.forget-person", { personId });
  const addresses = persons.flatMap((person) => person.email ?? []);
  // Who registers again later starts afresh; SES keeps a list of its own of what bounced.
  await tx.suppressedAddress.deleteMany({ where: { teamId, email: { in: addresses } } });
  return { forgotten: ids.length, addresses };
}

/** Job: deletes what a person left outside of the database, in the user pool of customers. Can run twice. */
export async function forgetPerson(ctx: Context, input: { personId: string }): Promise<void> {
  const person = await ctx.db.person.findUnique({ where: { id: input.personId }, select: { anonymizedAt: true } });
  if (person?.anonymizedAt) await deleteCustomerIdentity(ctx, input);
}

// --- Use cases -------------------------------------------------------------------------------------------------------

/**
 * Forgets a workshop's attendees now instead of at its date. `not_ready` unless it is closed or cancelled, `conflict` when it
 * was done or asked for already.
 */
export async function anonymizeNow(ctx: Context, input: { workshopId: string }): Promise<void> {
  const actor = allowMember(ctx.actor, "privacy.anonymize");
  const workshop = await ctx.db.workshop.findFirst({ where: { id: input.workshopId, teamId: actor.teamId } });
  if (!workshop) throw notFound("workshop");
  if (workshop.state !== "closed" && workshop.state !== "cancelled")
    throw new DomainError("not_ready", "Close the workshop first: its attendees are still needed.");
  const now = ctx.clock.now();
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.workshop.updateMany({
      where: { id: workshop.id, teamId: actor.teamId, state: workshop.state, anonymizedAt: null },
      data: { anonymizeAt: now },
    });
    if (count === 0) throw new DomainError("conflict", "The attendees of this workshop were deleted already.");
    const entry = { teamId: actor.teamId, action: "workshop.anonymize_now", entity: "workshop", entityId: workshop.id };
    await audit(ctx, tx, entry);
    await enqueue(ctx, tx, "privacy.anonymize", { workshopId: workshop.id });
  });
}

/**
 * "Delete my data": an attendee with a verified browser for themselves, or a member for somebody who asked. Gives the seat
 * back where that can still be done, then forgets the registration, and the person if it was their last one.
 */
export async function eraseRegistration(ctx: Context, input: { registrationId: string }): Promise<void> {
  const { actor } = ctx;
  if (actor.kind === "attendee" && !actor.verified)
    throw new DomainError("unverified", "Confirm that it is you first: we send a code to your address.", {
      say: { key: "unverified" },
    });
  if (actor.kind === "attendee" && actor.registrationId !== input.registrationId) throw notFound("registration");
  const teamId = actor.kind === "attendee" ? actor.teamId : allowMember(actor, "privacy.anonymize").teamId;
  const where = { id: input.registrationId, teamId, anonymizedAt: null };
  if ((await ctx.db.registration.count({ where })) === 0) throw notFound("registration");
  await giveSeatBack(ctx, input.registrationId);
  await ctx.db.$transaction(async (tx) => {
    // The workshop first, as everywhere: who confirms meanwhile holds the link and asks for the registration.
    await tx.$queryRaw`
      select id from "Workshop" where id = (select "workshopId" from "Registration" where id = ${input.registrationId})
      for no key update`;
    const [row] = await tx.$queryRaw<{ id: string }[]>`
      select id from "Registration" where id = ${input.registrationId} and "anonymizedAt" is null for update`;
    if (!row) return;
    // Who asks to be deleted is not kept because somebody invites them, either.
    const { person } = await tx.registration.findUniqueOrThrow({
      where: { id: row.id },
      select: { person: { select: { email: true } } },
    });
    const invited = person.email
      ? await tx.invite.findMany({ where: { teamId, email: person.email }, select: { id: true } })
      : [];
    await forgetInvites(ctx, tx, { teamId, inviteIds: invited.map((invite) => invite.id) });
    await forgetRegistrations(ctx, tx, { teamId, ids: [row.id] });
    await audit(ctx, tx, { teamId, action: "registration.erased", entity: "registration", entityId: row.id });
  });
}

/** Nobody has to keep their data because of a seat that can no longer be given back. */
async function giveSeatBack(ctx: Context, registrationId: string): Promise<void> {
  try {
    await cancelRegistration(ctx, { registrationId });
  } catch (error) {
    if (!(error instanceof DomainError) || (error.code !== "conflict" && error.code !== "not_ready")) throw error;
  }
}
