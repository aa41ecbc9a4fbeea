import { z } from "zod";
import type { Message, MessageState, Prisma } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { enqueue, enqueueAll } from "@/server/jobs/queue";
import { renderPreview } from "@/server/mail/deliver";
import { isMailKind, type MailKind, mailKinds } from "@/server/mail/kinds";
import { queueMail } from "@/server/mail/outbox";
import { isTest } from "@/server/mail/texts";
import { allowMember, type MemberActor } from "@/server/permissions";

/** What members see of the outbox: the list, a preview of each mail, and "send again". */

/** Mails that a member may see: of their own people and links for an account manager; sign-in codes for nobody. */
export function messageScope(actor: MemberActor): Prisma.MessageWhereInput {
  const shown = { teamId: actor.teamId, kind: { not: "sign_in_code" } };
  if (actor.role !== "account_manager") return shown;
  return { ...shown, OR: [{ registration: { memberId: actor.memberId } }, { memberId: actor.memberId }] };
}

/** States by what a reader makes of them. */
export const messageStatesOf = {
  waiting: ["queued", "sending"],
  sent: ["sent", "delivered"],
  problem: ["failed", "in_doubt", "bounced", "complained", "suppressed"],
  dropped: ["cancelled", "too_late"],
} as const satisfies Record<string, readonly MessageState[]>;

export type MessageOutlook = keyof typeof messageStatesOf;

export function outlookOf(state: MessageState): MessageOutlook {
  const found = Object.entries(messageStatesOf).find(([, states]) => (states as readonly string[]).includes(state));
  return (found?.[0] ?? "problem") as MessageOutlook;
}

/** States from which "send again" starts; for one that was sent it makes a second mail. */
const againFrom: readonly MessageState[] = ["failed", "in_doubt", "bounced", "suppressed", "sent", "delivered"];

const listed = {
  registration: { select: { person: { select: { name: true, email: true } } } },
  workshop: { select: { id: true, title: true } },
} as const satisfies Prisma.MessageInclude;

type Listed = Prisma.MessageGetPayload<{ include: typeof listed }>;

export type MessageRow = {
  id: string;
  kind: string;
  /** The kind in words. */
  label: string;
  state: MessageState;
  outlook: MessageOutlook;
  /** Name of who gets it; null once they were forgotten. */
  recipient: string | null;
  registrationId: string | null;
  workshop: { id: string; title: string } | null;
  dueAt: Date;
  sentAt: Date | null;
  attempts: number;
  /** Why it has not gone, in words. */
  reason: string | null;
  maySendAgain: boolean;
};

function rowOf(message: Listed, memberNames: Map<string, string>, now: Date): MessageRow {
  const { id, kind, state, registrationId, workshop, dueAt, sentAt, attempts, lastError, notAfter } = message;
  const person = message.registration?.person;
  const member = message.memberId ? memberNames.get(message.memberId) : undefined;
  return {
    id,
    kind,
    label: isMailKind(kind) ? mailKinds[kind].label : isTest(message) ? "Test mail" : kind,
    state,
    outlook: outlookOf(state),
    recipient: memberNames.get(message.recipientKey) ?? person?.name ?? person?.email ?? member ?? null,
    registrationId,
    workshop,
    dueAt,
    sentAt,
    attempts,
    reason: lastError,
    maySendAgain: againFrom.includes(state) && (notAfter === null || notAfter > now),
  };
}

async function namesOfMembers(ctx: Context, teamId: string, messages: Message[]): Promise<Map<string, string>> {
  const ids = [...new Set(messages.flatMap((message) => message.memberId ?? []))];
  const members = await ctx.db.member.findMany({
    where: { teamId, id: { in: ids } },
    select: { id: true, identity: { select: { name: true } } },
  });
  // An invitation goes to the address of its link; the member beside it is who invites.
  const keys = messages.flatMap((message) => (message.kind === "invitation" ? message.recipientKey : []));
  const invited = await ctx.db.invite.findMany({
    where: { teamId, id: { in: keys } },
    select: { id: true, name: true, email: true },
  });
  // A hand-over goes to the colleague; the registration beside it is the giver's.
  const handovers = messages.filter((message) => message.kind === "handover_offer").map((one) => one.recipientKey);
  const colleagues = await ctx.db.handover.findMany({
    where: { teamId, id: { in: handovers } },
    select: { id: true, name: true },
  });
  return new Map([
    ...colleagues.map(({ id, name }) => [id, name ?? "A colleague"] as const),
    ...members.map((member) => [member.id, member.identity.name] as const),
    ...invited.map(({ id, name, email }) => [id, name ?? email ?? "Deleted address"] as const),
  ]);
}

/**
 * The mails of the team or of one workshop, problems and newest first; an account manager sees those to their own people and
 * to themselves. At most `limit` (500).
 */
export async function listMessages(
  ctx: Context,
  input: { workshopId?: string; registrationId?: string; outlook?: MessageOutlook; limit?: number } = {},
): Promise<MessageRow[]> {
  const actor = allowMember(ctx.actor, "mail.read");
  const messages = await ctx.db.message.findMany({
    where: {
      ...messageScope(actor),
      ...(input.workshopId ? { workshopId: input.workshopId } : {}),
      ...(input.registrationId ? { registrationId: input.registrationId } : {}),
      ...(input.outlook ? { state: { in: [...messageStatesOf[input.outlook]] } } : {}),
    },
    include: listed,
    orderBy: [{ dueAt: "desc" }, { id: "desc" }],
    take: input.limit ?? 500,
  });
  const names = await namesOfMembers(ctx, actor.teamId, messages);
  const rows = messages.map((message) => rowOf(message, names, ctx.clock.now()));
  return [...rows.filter((row) => row.outlook === "problem"), ...rows.filter((row) => row.outlook !== "problem")];
}

async function loadMessage(ctx: Context, actor: MemberActor, messageId: string): Promise<Listed> {
  const message = await ctx.db.message.findFirst({
    where: { ...messageScope(actor), id: messageId },
    include: listed,
  });
  if (!message) throw notFound("mail");
  return message;
}

export type MessagePreview = MessageRow & {
  /** As it would look now, with marks in place of links; null once the data it needs was deleted. */
  mail: { to: string; subject: string; text: string; html: string } | null;
};

/** One mail as it looks. `not_found` for sign-in codes, for anybody. */
export async function previewMessage(ctx: Context, input: { messageId: string }): Promise<MessagePreview> {
  const actor = allowMember(ctx.actor, "mail.read");
  const message = await loadMessage(ctx, actor, input.messageId);
  const names = await namesOfMembers(ctx, actor.teamId, [message]);
  const preview = await renderPreview(ctx, message);
  const mail = preview && {
    to: preview.to.address,
    subject: preview.content.subject,
    text: preview.content.text,
    html: preview.html,
  };
  return { ...rowOf(message, names, ctx.clock.now()), mail };
}

/**
 * Sends a mail again: one that failed or is in doubt goes back into the queue, one that was sent is followed by a second.
 * `not_ready` says why it cannot.
 */
export async function resendMessage(ctx: Context, input: { messageId: string }): Promise<void> {
  const actor = allowMember(ctx.actor, "mail.resend");
  const message = await loadMessage(ctx, actor, input.messageId);
  if (!againFrom.includes(message.state))
    throw new DomainError("not_ready", "Only a mail that was sent, failed or is in doubt can be sent again.");
  const now = ctx.clock.now();
  if (message.notAfter && message.notAfter <= now)
    throw new DomainError("not_ready", "The time of this mail has passed.");
  await ctx.db.$transaction(async (tx) => {
    const entry = { teamId: actor.teamId, action: "mail.sent_again", entity: "message", entityId: message.id };
    await audit(ctx, tx, { ...entry, detail: { kind: message.kind } });
    if (outlookOf(message.state) === "sent") {
      await queueMail(ctx, tx, { ...copyOf(message), occurrence: await nextOccurrence(tx, message) });
      return;
    }
    const { count } = await tx.message.updateMany({
      where: { id: message.id, state: message.state },
      data: { state: "queued", dueAt: now, lastError: null },
    });
    if (count === 0) throw new DomainError("conflict", "Somebody sent it again a moment ago.");
    await enqueue(ctx, tx, "mail.send", { messageId: message.id });
  });
}

/** States from which mails are sent again all at once: each was wanted, and has not or perhaps not gone. */
const allAgainFrom = ["failed", "in_doubt"] as const satisfies MessageState[];

/** Mails of a workshop that can be sent again at once, alike in kind and state. */
export type AgainGroup = { kind: string; label: string; state: (typeof allAgainFrom)[number]; count: number };

/** Of a workshop's mails those that failed or are in doubt and whose time has not passed, as far as the member sees them. */
function stillWanted(actor: MemberActor, workshopId: string, now: Date): Prisma.MessageWhereInput {
  const inTime = { OR: [{ notAfter: null }, { notAfter: { gt: now } }] };
  return { AND: [messageScope(actor), { workshopId }, inTime] };
}

/** What sending again all at once would send, by kind and state; nothing for who may not send. */
export async function countAgain(ctx: Context, { workshopId }: { workshopId: string }): Promise<AgainGroup[]> {
  const actor = allowMember(ctx.actor, "mail.resend");
  const groups = await ctx.db.message.groupBy({
    by: ["kind", "state"],
    where: { AND: [stillWanted(actor, workshopId, ctx.clock.now()), { state: { in: [...allAgainFrom] } }] },
    orderBy: [{ kind: "asc" }, { state: "asc" }],
    _count: true,
  });
  return groups.flatMap(({ kind, state, _count: count }) => {
    const found = allAgainFrom.find((one) => one === state);
    return found ? [{ kind, label: isMailKind(kind) ? mailKinds[kind].label : kind, state: found, count }] : [];
  });
}

export const againWish = z.object({
  workshopId: z.string().max(60),
  /** One kind of mail; all when null. */
  kind: z.string().max(60).nullable(),
  states: z.array(z.enum(allAgainFrom)).min(1),
  /** How many were shown to whoever pressed the button. */
  seen: z.number().int().min(1),
});

/**
 * Puts every mail of a workshop that failed or is in doubt, of a kind and of states, back into the queue in one transaction.
 * Returns how many: those that somebody else sent again meanwhile are left out, so that two who press send each mail once.
 * `conflict` where there are more than whoever pressed has seen.
 */
export async function resendMessages(ctx: Context, input: z.input<typeof againWish>): Promise<{ sent: number }> {
  const actor = allowMember(ctx.actor, "mail.resend");
  const { workshopId, kind, states, seen } = againWish.parse(input);
  const { teamId } = actor;
  const now = ctx.clock.now();
  const where = { AND: [stillWanted(actor, workshopId, now), { state: { in: states }, kind: kind ?? undefined }] };
  return ctx.db.$transaction(async (tx) => {
    const wanted = await tx.message.findMany({ where, select: { id: true } });
    if (wanted.length > seen)
      throw new DomainError("conflict", `By now these are ${wanted.length} mails. Look again, then send them.`);
    // Locked in one order, and asked again: what somebody else sent meanwhile has another state by now.
    const ids = wanted.map(({ id }) => id);
    const again = await tx.$queryRaw<{ id: string; urgent: boolean }[]>`
      UPDATE "Message" m SET "state" = 'queued', "dueAt" = ${now}, "lastError" = NULL
      FROM (SELECT "id" FROM "Message" WHERE "id" = ANY(${ids}) AND "state"::text = ANY(${states}) ORDER BY "id" FOR UPDATE) locked
      WHERE m."id" = locked."id" RETURNING m."id", m."urgent"`;
    for (const urgent of [true, false]) {
      const jobs = again.filter((one) => one.urgent === urgent).map(({ id }) => ({ messageId: id }));
      await enqueueAll(ctx, tx, "mail.send", jobs, { priority: urgent ? 10 : 0 });
    }
    if (again.length > 0)
      await audit(ctx, tx, {
        ...{ teamId, action: "mail.all_sent_again", entity: "workshop", entityId: workshopId },
        detail: { kind, states, mails: again.length },
      });
    return { sent: again.length };
  });
}

function copyOf(message: Listed) {
  const { kind, teamId, recipientKey, workshopId, registrationId, memberId, inviteId, locale } = message;
  return {
    kind: kind as MailKind,
    teamId,
    recipientKey,
    workshopId,
    registrationId,
    memberId,
    inviteId,
    locale,
    data: message.data as Prisma.InputJsonObject,
    notAfter: message.notAfter ?? undefined,
  };
}

/** Counted, not random: two clicks at the same time ask for the same occurrence and make one mail. */
async function nextOccurrence(tx: Prisma.TransactionClient, message: Listed): Promise<string> {
  const base = message.occurrence.replace(/ again \d+$/, "");
  const times = await tx.message.count({
    where: { kind: message.kind, recipientKey: message.recipientKey, occurrence: { startsWith: `${base} again ` } },
  });
  return `${base} again ${times + 1}`;
}
