import type { Message, Prisma } from "@/prisma/generated/client";
import type { Context } from "@/server/context";
import { insertRows, type Tx } from "@/server/db";
import { enqueue, enqueueAll } from "@/server/jobs/queue";
import { forgetOldNotices } from "@/server/mail/feedback";
import { kindRule, type MailKind } from "@/server/mail/kinds";
import { passMemberMoments, queueClosingReports, queueQuarantineAlarm } from "@/server/mail/member-mails";
import { loadRules, planSeats, replanWorkshop } from "@/server/mail/planning";
import { reasons } from "@/server/mail/schedule";
import { forgetStraySuppressed } from "@/server/mail/suppression";

/**
 * The outbox: every mail is a row, written in the transaction of its cause and sent by a job (deliver.ts). A row holds ids and
 * facts, never an address, a name, a code or a link: those are looked up and minted when the mail is sent.
 */

/** Longer than any try can take: connecting and answering time out after 35 s in all. */
export const inDoubtAfterMilliseconds = 45_000;

/** Kinds that tell somebody of their seat: what the rules plan for it follows. */
const seatKinds: ReadonlySet<MailKind> = new Set(["confirmed", "promoted"]);
/** Kinds that go by their cause, and that a team or a workshop may turn off. */
const mayBeOff: ReadonlySet<MailKind> = new Set(["invitation_kit", "machines_stopped"]);

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
 * time. Confirming a seat also plans what the rules want for it; a cancellation takes back the unsent mails that it makes pointless.
 */
export async function queueMail(ctx: Context, tx: Tx, input: QueueMailInput): Promise<Message> {
  const rule = kindRule(input.kind);
  const row = { ...messageRow(ctx, input), ...(await turnedOff(tx, input)) };
  const [made] = await tx.message.createManyAndReturn({ data: [row], skipDuplicates: true });
  if (!made) {
    const { kind, recipientKey, occurrence } = input;
    return tx.message.findUniqueOrThrow({
      where: { kind_recipientKey_occurrence: { kind, recipientKey, occurrence } },
    });
  }
  if (made.registrationId) await takeBackPointless(tx, [made.registrationId], rule.replaces);
  if (seatKinds.has(input.kind) && made.workshopId && made.registrationId) {
    const { workshopId, registrationId, locale } = made;
    await planSeats(ctx, tx, { workshopId, people: [{ registrationId, locale }] });
  }
  if (row.dueAt <= row.createdAt && made.state === "queued")
    await enqueue(ctx, tx, "mail.send", { messageId: made.id }, { priority: row.urgent ? 10 : 0 });
  return made;
}

/** What goes by its cause and was turned off is a row that says so, and is not sent. */
async function turnedOff(tx: Tx, { kind, teamId, workshopId }: QueueMailInput) {
  if (!teamId || !mayBeOff.has(kind)) return {};
  const rule = (await loadRules(tx, teamId, workshopId ?? null)).find((one) => one.key === kind);
  return rule?.on === false ? { state: "cancelled" as const, lastError: reasons.off } : {};
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

/** Of one registration each: where it stands. */
export type StandingMail = Pick<QueueMailInput, "recipientKey" | "occurrence" | "locale"> & {
  kind: MailKind;
  teamId: string;
  workshopId: string;
  registrationId: string;
};

/** What queueMail does, for many registrations that moved at once and mails that are due now, in few statements. */
export async function queueStandingMails(ctx: Context, tx: Tx, inputs: readonly StandingMail[]): Promise<void> {
  const mails = inputs.map((input) => ({ ...input, row: messageRow(ctx, input) }));
  const made = new Set(
    await insertRows(
      tx,
      "Message",
      mails.map(({ row }) => row),
    ),
  );
  const fresh = mails.filter(({ row }) => made.has(row.id));
  for (const [kind, same] of Map.groupBy(fresh, (mail) => mail.kind)) {
    const registrationIds = same.map(({ registrationId }) => registrationId);
    await takeBackPointless(tx, registrationIds, kindRule(kind).replaces);
  }
  const seated = fresh.filter(({ kind }) => seatKinds.has(kind));
  for (const [workshopId, same] of Map.groupBy(seated, (mail) => mail.workshopId)) {
    const people = same.map(({ registrationId, locale = "en" }) => ({ registrationId, locale }));
    await planSeats(ctx, tx, { workshopId, people });
  }
  for (const urgent of [true, false]) {
    const jobs = fresh.filter(({ row }) => row.urgent === urgent).map(({ row }) => ({ messageId: row.id }));
    await enqueueAll(ctx, tx, "mail.send", jobs, { priority: urgent ? 10 : 0 });
  }
}

async function takeBackPointless(tx: Tx, registrationIds: string[], kinds: readonly string[]): Promise<void> {
  if (kinds.length === 0) return;
  await tx.message.updateMany({
    where: { registrationId: { in: registrationIds }, kind: { in: [...kinds] }, state: "queued" },
    data: { state: "cancelled", lastError: "Overtaken by what happened since." },
  });
}

/**
 * Brings the planned mails of a workshop up to date after its dates, its zone or its people changed, or when it was called
 * off: unsent ones move to their new moment or are taken back with the reason; what had its moment for a date does not come
 * again for the same one. In the transaction of the change.
 */
export async function rescheduleMails(ctx: Context, tx: Tx, input: { workshopId: string }): Promise<void> {
  await replanWorkshop(ctx, tx, input.workshopId);
  await passMemberMoments(ctx, tx, input.workshopId);
}

/** Writes what goes to whom when a workshop is closed, once it is, in the transaction that closed it. Can run twice. */
export async function queueClosingMails(ctx: Context, tx: Tx, input: { workshopId: string }): Promise<void> {
  await replanWorkshop(ctx, tx, input.workshopId);
  await queueClosingReports(ctx, tx, input.workshopId);
}

/** A copy of a workshop has its rules of mail too. */
export async function copyMailRules(
  ctx: Context,
  tx: Tx,
  { teamId, from, to }: { teamId: string; from: string; to: string },
): Promise<void> {
  const rules = await tx.mailRule.findMany({ where: { teamId, scope: from } });
  const now = ctx.clock.now();
  await tx.mailRule.createMany({
    data: rules.map(({ key, settings, changedById }) => ({
      ...{ id: ctx.newId("mailRule"), teamId, workshopId: to, scope: to, key, changedById },
      ...{ settings: settings ?? {}, createdAt: now, updatedAt: now },
    })),
  });
}

/**
 * Tells those whom the team's rule names (admins) that an account is quarantined, once for each time, in the transaction that
 * set it aside.
 */
export async function tellQuarantine(ctx: Context, tx: Tx, of: { teamId: string; accountId: string }): Promise<void> {
  await queueQuarantineAlarm(ctx, tx, of);
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
