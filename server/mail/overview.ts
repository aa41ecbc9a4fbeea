import type { Message, MessageState, Prisma } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { enqueue } from "@/server/jobs/queue";
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
