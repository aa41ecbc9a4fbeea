import { z } from "zod";
import type { Message, MessageState } from "@/prisma/generated/client";
import { messageTag } from "@/server/aws/ses";
import { type Certificates, confirmSubscription, type Notice, NoticeRefused, readNotice } from "@/server/aws/sns";
import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { DomainError, notFound } from "@/server/errors";
import { type SuppressionReason, suppress } from "@/server/mail/suppression";

/**
 * What SES tells about mails that it took, through SNS: sent, delivered, bounced, complained, rejected. Notices come in any
 * order and more than once.
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 */

const recipients = z.array(z.object({ emailAddress: z.string() }));

const sesEvent = z.object({
  eventType: z.string().optional(),
  notificationType: z.string().optional(),
  mail: z.object({
    messageId: z.string().max(200),
    timestamp: z.iso.datetime(),
    tags: z.record(z.string(), z.array(z.string())).optional(),
  }),
  bounce: z
    .object({ bounceType: z.string(), bounceSubType: z.string().default(""), bouncedRecipients: recipients })
    .optional(),
  complaint: z
    .object({
      complainedRecipients: recipients,
      complaintSubType: z.string().nullish(),
      complaintFeedbackType: z.string().nullish(),
    })
    .optional(),
  reject: z.object({ reason: z.string() }).optional(),
});
type SesEvent = z.infer<typeof sesEvent>;

/** What an event makes of a mail. `from`: the states that it overrides; a later word of less weight changes nothing. */
type News = {
  state: MessageState;
  from: readonly MessageState[];
  reason: string | null;
  suppress?: { reason: SuppressionReason; addresses: string[] };
};

const underWay = ["queued", "sending", "in_doubt", "failed"] as const satisfies MessageState[];
const gone = [...underWay, "sent"] as const;

/** Words for `bounceSubType`. */
const bounces: Record<string, string> = {
  NoEmail: "The mail server says that there is no such address.",
  Suppressed: "SES holds back mails to this address, since others' came back from it lately.",
  OnAccountSuppressionList: "The address is on the suppression list of the account in SES.",
  MailboxFull: "The mailbox is full.",
  MessageTooLarge: "The mail server does not take mails of this size.",
  ContentRejected: "The mail server does not take the content of the mail.",
  AttachmentRejected: "The mail server does not take what is attached.",
};
const heldBackBySes = new Set(["Suppressed", "OnAccountSuppressionList"]);

function bounceNews({ bounceType, bounceSubType, bouncedRecipients }: NonNullable<SesEvent["bounce"]>): News {
  const known = bounces[bounceSubType];
  if (bounceType !== "Permanent") {
    const reason = `${known ?? "The mail server did not take it, though SES tried for hours."} It may work another time.`;
    // Answers like "I am away" come after the delivery and count as soft bounces as well.
    return { state: "bounced", from: gone, reason };
  }
  const state = heldBackBySes.has(bounceSubType) ? "suppressed" : "bounced";
  const reason = known ?? "The mail server does not take mail for this address.";
  const addresses = bouncedRecipients.map((one) => one.emailAddress);
  return { state, from: [...gone, "delivered"], reason, suppress: { reason: "bounced", addresses } };
}

function complaintNews(complaint: NonNullable<SesEvent["complaint"]>): News | null {
  // Somebody took the mail out of the spam folder.
  if (complaint.complaintFeedbackType === "not-spam") return null;
  const addresses = complaint.complainedRecipients.map((one) => one.emailAddress);
  const held = complaint.complaintSubType === "OnAccountSuppressionList";
  return {
    state: held ? "suppressed" : "complained",
    from: [...gone, "delivered", "bounced", ...(held ? [] : (["suppressed"] as const))],
    reason: held ? bounces.OnAccountSuppressionList! : "The reader marked the mail as unwanted.",
    suppress: { reason: "complained", addresses },
  };
}

function newsOf(event: SesEvent): News | null {
  const type = event.eventType ?? event.notificationType;
  if (type === "Send") return { state: "sent", from: underWay, reason: null };
  if (type === "Delivery") return { state: "delivered", from: gone, reason: null };
  if (type === "Bounce" && event.bounce) return bounceNews(event.bounce);
  if (type === "Complaint" && event.complaint) return complaintNews(event.complaint);
  if (type === "Reject")
    return { state: "failed", from: gone, reason: "SES took the mail for malware and stopped it." };
  return null;
}

/**
 * Takes in what was posted for SNS. Only the configured topic is believed, each notice once; a subscription to it is
 * confirmed. What is about no mail of ours is taken and dropped. `not_found` where no topic is configured, `forbidden` for a
 * notice that is not believed; any other failure is thrown, so that SNS tries again.
 */
export async function receiveNotice(ctx: Context, text: string, certificates?: Certificates): Promise<void> {
  const topicArn = ctx.env.SES_FEEDBACK_TOPIC_ARN;
  if (!topicArn) throw notFound("page");
  const notice = await believe(ctx, text, { topicArn, now: ctx.clock.now(), certificates });
  if (notice.type === "SubscriptionConfirmation") {
    if (!notice.confirmUrl) throw new DomainError("forbidden", "This notice is not of Amazon SNS.");
    await confirmSubscription(notice.confirmUrl);
    ctx.log.info("the subscription to the feedback of SES is confirmed");
  }
  if (notice.type !== "Notification") return;
  const event = eventOf(notice.message);
  await ctx.db.$transaction(async (tx) => {
    const seen = { id: notice.id, receivedAt: ctx.clock.now() };
    const { count } = await tx.mailNotice.createMany({ data: [seen], skipDuplicates: true });
    if (count > 0 && event) await apply(ctx, tx, event);
  });
}

async function believe(ctx: Context, text: string, known: Parameters<typeof readNotice>[1]): Promise<Notice> {
  try {
    return await readNotice(text, known);
  } catch (error) {
    if (!(error instanceof NoticeRefused)) throw error;
    ctx.log.warn({ why: error.message }, "a notice was not believed");
    throw new DomainError("forbidden", "This notice is not of Amazon SNS.");
  }
}

/** Null for what SES says about itself ("Successfully validated SNS topic") and for events of a shape that is not known. */
function eventOf(message: string): SesEvent | null {
  try {
    return sesEvent.safeParse(JSON.parse(message)).data ?? null;
  } catch {
    return null;
  }
}

async function apply(ctx: Context, tx: Tx, event: SesEvent): Promise<void> {
  const messageId = event.mail.tags?.[messageTag]?.[0];
  const news = newsOf(event);
  if (!news || !messageId) return;
  // Locked, so that the worker which still waits for SES's answer finds the row settled.
  await tx.$queryRaw`select id from "Message" where id = ${messageId} for update`;
  const message = await tx.message.findUnique({
    where: { id: messageId },
    include: { registration: { select: { anonymizedAt: true } } },
  });
  // Nothing comes back about somebody who was forgotten.
  if (!message || message.registration?.anonymizedAt) return;
  if (news.suppress && message.teamId) await suppressAll(ctx, tx, message.teamId, news);
  if (!isAboutThisTry(message, event.mail.messageId) || !news.from.includes(message.state)) return;
  await tx.message.update({
    where: { id: message.id },
    data: {
      state: news.state,
      providerId: event.mail.messageId,
      sentAt: message.sentAt ?? new Date(event.mail.timestamp),
      sendingSince: null,
      lastError: news.reason,
    },
  });
}

/** Not of an earlier try; and a mail that waits is touched only when it was tried before and nobody knew how that ended. */
function isAboutThisTry(message: Message, sesId: string): boolean {
  if (message.state === "queued") return message.attempts > 0 && message.providerId === null;
  return message.providerId === null || message.providerId === sesId;
}

async function suppressAll(ctx: Context, tx: Tx, teamId: string, news: News): Promise<void> {
  const { reason, addresses } = news.suppress ?? { reason: "bounced" as const, addresses: [] };
  for (const text of addresses) {
    const email = /([^\s<>]+@[^\s<>]+)/.exec(text)?.[1];
    if (email) await suppress(ctx, tx, { teamId, email, reason, detail: news.reason ?? "" });
  }
}

const noticesKeptMilliseconds = 30 * 86_400_000;

/** Forgets the ids of notices that are too old to be believed a second time (sns.ts). */
export async function forgetOldNotices(ctx: Context): Promise<void> {
  const before = new Date(ctx.clock.now().getTime() - noticesKeptMilliseconds);
  await ctx.db.mailNotice.deleteMany({ where: { receivedAt: { lt: before } } });
}
