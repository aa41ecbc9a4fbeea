import type { Message, Prisma } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { insertRows, type Tx } from "@/server/db";
import { enqueue, enqueueAll } from "@/server/jobs/queue";
import { forgetOldNotices } from "@/server/mail/feedback";
import { kindRule, type MailKind } from "@/server/mail/kinds";
import { plannedReminder } from "@/server/mail/rules";
import { forgetStraySuppressed } from "@/server/mail/suppression";

/**
 * The outbox: every mail is a row, written in the transaction of its cause and sent by a job (deliver.ts). A row holds ids and
 * facts, never an address, a name, a code or a link: those are looked up and minted when the mail is sent.
 */

/** Longer than any try can take: connecting and answering time out after 35 s in all. */
export const inDoubtAfterMilliseconds = 45_000;

/** Registrations that have a seat in a workshop still to come. */
const seated = ["confirmed", "offered"] as const;

export type QueueMailInput = {
  kind: MailKind;
  /** Null only for sign-in codes of members, who may belong to several teams. */
  teamId: string | null;
  /** Registration id, member id, or attempt id. */
  recipientKey: string;
  /** What makes this mail one of its kind for the recipient, e.g. `v2` of the schedule, or `1`. */
  occurrence: string;
  workshopId?: string | null;
  registrationId?: string | null;
  memberId?: string | null;
  inviteId?: string | null;
  attemptId?: string | null;
  locale?: string;
  /** Facts without personal data, e.g. `{ fields: ["startsAt"] }`. */
  data?: Prisma.InputJsonObject;
  /** Now when not given. */
  dueAt?: Date;
  /** Not sent after this instant; by default what the kind says. */
  notAfter?: Date;
  urgent?: boolean;
};

/**
 * Writes a mail into the outbox, in the caller's transaction, once for (kind, recipientKey, occurrence): a second call changes
 * nothing and returns the row that is there. One that is due is sent as soon as the transaction commits, a later one at its
 * time. Confirming a seat also plans its reminder; a cancellation takes back the unsent mails that it makes pointless.
 */
export async function queueMail(ctx: Context, tx: Tx, input: QueueMailInput): Promise<Message> {
  const rule = kindRule(input.kind);
  const row = messageRow(ctx, input);
  const [made] = await tx.message.createManyAndReturn({ data: [row], skipDuplicates: true });
  if (!made) {
    const { kind, recipientKey, occurrence } = input;
    return tx.message.findUniqueOrThrow({
      where: { kind_recipientKey_occurrence: { kind, recipientKey, occurrence } },
    });
  }
  if (made.registrationId) await takeBackPointless(tx, made.registrationId, rule.replaces);
  if (input.kind === "confirmed" || input.kind === "promoted") await planReminder(ctx, tx, made);
  if (row.dueAt <= row.createdAt)
    await enqueue(ctx, tx, "mail.send", { messageId: made.id }, { priority: row.urgent ? 10 : 0 });
  return made;
}

function messageRow(ctx: Context, input: QueueMailInput) {
  const now = ctx.clock.now();
  const rule = kindRule(input.kind);
  const { dueAt = now, data = {}, urgent = rule.urgent, ...given } = input;
  const validUntil = rule.validMinutes === null ? null : new Date(dueAt.getTime() + rule.validMinutes * 60_000);
  return { notAfter: validUntil, ...given, id: ctx.newId("message"), dueAt, data, urgent, createdAt: now };
}

/**
 * Many mails at once that are due now, each once as with queueMail; for mails that are about no registration, since they take
 * back and plan nothing. In as many statements for thousands as for one. Returns how many were not there yet.
 */
export async function queueMails(
  ctx: Context,
  tx: Tx,
  inputs: readonly Omit<QueueMailInput, "registrationId" | "dueAt">[],
): Promise<number> {
  const rows = inputs.map((input) => messageRow(ctx, input));
  const made = await insertRows(tx, "Message", rows);
  const jobs = made.map((messageId) => ({ messageId }));
  await enqueueAll(ctx, tx, "mail.send", jobs);
  return made.length;
}

async function takeBackPointless(tx: Tx, registrationId: string, kinds: readonly string[]): Promise<void> {
  if (kinds.length === 0) return;
  await tx.message.updateMany({
    where: { registrationId, kind: { in: [...kinds] }, state: "queued" },
    data: { state: "cancelled", lastError: "Overtaken by what happened since." },
  });
}

/** The reminder of a registration that just got its seat; none when its moment has passed. */
async function planReminder(ctx: Context, tx: Tx, cause: Message): Promise<void> {
  if (!cause.teamId || !cause.registrationId || !cause.workshopId) return;
  const workshop = await tx.workshop.findUnique({
    where: { id: cause.workshopId },
    select: { startsAt: true, timeZone: true, scheduleVersion: true },
  });
  const planned = workshop && plannedReminder(workshop, ctx.clock.now());
  if (!planned) return;
  await queueMail(ctx, tx, {
    kind: "reminder",
    teamId: cause.teamId,
    recipientKey: cause.registrationId,
    occurrence: `v${workshop.scheduleVersion}`,
    workshopId: cause.workshopId,
    registrationId: cause.registrationId,
    locale: cause.locale,
    ...planned,
  });
}

/**
 * Recomputes the scheduled mails of a workshop after its dates or its zone changed: unsent ones move to their new moment, a
 * reminder already sent for the old date is followed by one for the new (occurrence `v<scheduleVersion>`), one whose moment
 * has passed, or whose workshop does not take place, is taken back. In the transaction of the change.
 */
export async function rescheduleMails(ctx: Context, tx: Tx, input: { workshopId: string }): Promise<void> {
  const workshop = await tx.workshop.findUniqueOrThrow({
    where: { id: input.workshopId },
    select: { id: true, teamId: true, state: true, startsAt: true, timeZone: true, scheduleVersion: true },
  });
  const toCome = workshop.state === "registration" || workshop.state === "open";
  const planned = toCome ? plannedReminder(workshop, ctx.clock.now()) : null;
  const unsent = { workshopId: workshop.id, kind: "reminder", state: "queued" } as const;
  if (!planned) {
    const lastError = toCome ? "Its time had passed when the dates changed." : "The workshop does not take place.";
    await tx.message.updateMany({ where: unsent, data: { state: "cancelled", lastError } });
    return;
  }
  await tx.message.updateMany({ where: unsent, data: planned });
  const without = await tx.registration.findMany({
    where: { workshopId: workshop.id, state: { in: [...seated] }, messages: { none: unsent } },
    select: { id: true, person: { select: { locale: true } } },
  });
  for (const registration of without) {
    await queueMail(ctx, tx, {
      kind: "reminder",
      teamId: workshop.teamId,
      recipientKey: registration.id,
      occurrence: `v${workshop.scheduleVersion}`,
      workshopId: workshop.id,
      registrationId: registration.id,
      locale: registration.person.locale,
      ...planned,
    });
  }
}

/** Queues the thanks of a workshop that closes, one for each registration that had its seat to the end. Can run twice. */
export async function queueThanks(ctx: Context, tx: Tx, input: { workshopId: string }): Promise<number> {
  const registrations = await tx.registration.findMany({
    where: { workshopId: input.workshopId, state: { in: ["confirmed", "attended"] }, anonymizedAt: null },
    select: { id: true, teamId: true, person: { select: { locale: true } } },
  });
  for (const registration of registrations) {
    await queueMail(ctx, tx, {
      kind: "thanks",
      teamId: registration.teamId,
      recipientKey: registration.id,
      occurrence: "1",
      workshopId: input.workshopId,
      registrationId: registration.id,
      locale: registration.person.locale,
    });
  }
  return registrations.length;
}

const batch = 500;

/** Each minute: what was kept long enough is forgotten; mails that are due, and mails whose worker did not come back, get a job. Many workers may run it at once. */
export async function tickMail(ctx: Context): Promise<void> {
  await forgetOldNotices(ctx);
  await forgetStraySuppressed(ctx);
  const now = ctx.clock.now();
  const lost = new Date(now.getTime() - inDoubtAfterMilliseconds);
  await ctx.db.$transaction(async (tx) => {
    const due = await tx.$queryRaw<{ id: string; urgent: boolean }[]>`
      select id, urgent from "Message"
      where (state = 'queued' and "dueAt" <= ${now}) or (state = 'sending' and "sendingSince" <= ${lost})
      order by urgent desc, "dueAt" limit ${batch} for update skip locked`;
    // A mail that already has a job gets another one while the worker is behind: it finds nothing to do.
    for (const { id, urgent } of due)
      await enqueue(ctx, tx, "mail.send", { messageId: id }, { priority: urgent ? 10 : 0 });
  });
}
