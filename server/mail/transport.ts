import { CloudError } from "@/server/aws/errors";
import { sendRawEmail } from "@/server/aws/ses";
import type { Context } from "@/server/context";
import { arrivedLocally, deliverLocally, mailboxFolder } from "@/server/mail/mailbox";

/** The way out: SES, or the folder of the local mailbox. */

export type Outgoing = { messageId: string; attempt: number; from: string; to: string; raw: Uint8Array };

/**
 * What became of a try. `refused`: it certainly did not go. `unknown`: nobody can say (no answer, broken connection), as SES
 * has no idempotency token. Reasons are our words: an error of the transport may hold the address.
 */
export type Outcome =
  | { outcome: "sent"; providerId: string | null }
  | { outcome: "refused"; reason: string; again: boolean }
  | { outcome: "unknown"; reason: string };

/** Hands a mail over, once. Never throws. */
export async function handOver(ctx: Context, mail: Outgoing): Promise<Outcome> {
  const folder = mailboxFolder(ctx.env);
  try {
    if (folder) {
      await deliverLocally(folder, mail.messageId, mail.attempt, mail.raw);
      return { outcome: "sent", providerId: null };
    }
    const { messageId, from, to, raw } = mail;
    return { outcome: "sent", ...(await sendRawEmail(ctx.env, { messageId, from, to: [to], raw })) };
  } catch (error) {
    ctx.log.warn({ messageId: mail.messageId, error: codeOf(error) }, "a mail could not be handed over");
    return folder ? { outcome: "refused", reason: "The mailbox folder cannot be written.", again: true } : judge(error);
  }
}

/** Whether an earlier try arrived: known for the local mailbox, unknown (null) for SES. */
export async function arrived(ctx: Context, messageId: string, attempt: number): Promise<boolean | null> {
  const folder = mailboxFolder(ctx.env);
  return folder ? arrivedLocally(folder, messageId, attempt) : null;
}

function codeOf(error: unknown): string {
  if (error instanceof CloudError) return `${error.kind} ${error.code}`;
  return error instanceof Error ? error.name : "unknown";
}

/** Connections that were never made: nothing can have gone. */
const neverConnected = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH"]);

function judge(error: unknown): Outcome {
  if (!(error instanceof CloudError))
    return { outcome: "refused", reason: "The mail could not be handed to SES.", again: true };
  const code = error.cause instanceof Error ? (error.cause as { code?: unknown }).code : undefined;
  if (typeof code === "string" && neverConnected.has(code))
    return { outcome: "refused", reason: "SES could not be reached.", again: true };
  if (error.kind === "Throttled") return { outcome: "refused", reason: "SES asked to slow down.", again: true };
  if (error.kind === "Unavailable")
    return / 5\d\d$/.test(error.code)
      ? { outcome: "refused", reason: "SES answered that it is not available.", again: true }
      : { outcome: "unknown", reason: "SES did not answer, so it is not known whether the mail went." };
  if (error.kind === "Refused" || error.kind === "NotFound")
    return { outcome: "refused", reason: `SES does not accept the mail (${error.code}).`, again: false };
  return { outcome: "refused", reason: `SES does not let us send (${error.kind}).`, again: true };
}
