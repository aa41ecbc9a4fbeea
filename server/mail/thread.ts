import type { Message } from "@/prisma/generated/client";
import type { Context } from "@/server/context";

/**
 * What keeps the mails about one registration together in a mail program: each names the first of them and the one before
 * (RFC 5322 3.6.4).
 */

/** Message-ID that we write; each try has its own. */
export function ownMessageId(message: Pick<Message, "id" | "attempts">, senderAddress: string): string {
  return `<${message.id}.${message.attempts}@${senderAddress.split("@").at(-1)}>`;
}

/**
 * Message-ID under which a mail arrived: SES puts its own in the place of ours, `<id@REGION.amazonses.com>`, in us-east-1
 * `<id@email.amazonses.com>`.
 * https://docs.aws.amazon.com/ses/latest/dg/header-fields.html
 */
function arrivedAs(ctx: Context, message: Pick<Message, "id" | "attempts" | "providerId">, sender: string): string {
  if (!message.providerId) return ownMessageId(message, sender);
  const region = ctx.env.AWS_REGION === "us-east-1" ? "email" : ctx.env.AWS_REGION;
  return `<${message.providerId}@${region}.amazonses.com>`;
}

export type Thread = { inReplyTo: string; references: string[] } | null;

/** The mails of the same registration that went before; null for the first, and for mails about no registration. */
export async function threadOf(ctx: Context, message: Message, sender: string): Promise<Thread> {
  const { registrationId, id } = message;
  if (!registrationId) return null;
  // By the registration's id, since Prisma makes one query of those that all mails of a handful look up.
  const registration = await ctx.db.registration.findUnique({
    where: { id: registrationId },
    select: {
      messages: {
        where: { sentAt: { not: null } },
        select: { id: true, attempts: true, providerId: true },
        orderBy: [{ sentAt: "asc" }, { id: "asc" }],
      },
    },
  });
  const sent = (registration?.messages ?? []).filter((one) => one.id !== id);
  const [first, last] = [sent[0], sent.at(-1)];
  if (!first || !last) return null;
  const references = [...new Set([arrivedAs(ctx, first, sender), arrivedAs(ctx, last, sender)])];
  return { inReplyTo: references.at(-1)!, references };
}
