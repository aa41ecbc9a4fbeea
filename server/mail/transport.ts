import { CloudError } from "@/server/aws/errors";
import { sendRawEmail } from "@/server/aws/ses";
import type { Context } from "@/server/context";
import { arrivedLocally, deliverLocally, mailboxFolder } from "@/server/mail/mailbox";
import type { Later, Turn } from "@/server/mail/pace";

/** The way out: SES, or the folder of the local mailbox. */

export type Outgoing = { messageId: string; attempt: number; from: string; to: string; raw: Uint8Array };

/**
 * What became of a try. `refused`: it certainly did not go. `unknown`: nobody can say (no answer, broken connection), as SES
 * has no idempotency token. `later`: its turn did not come. Reasons are our words: an error of the transport may hold the address.
 */
export type Outcome =
  | { outcome: "sent"; providerId: string | null }
  | ({ outcome: "later" } & Later)
  | { outcome: "refused"; reason: string; again: boolean }
  | { outcome: "unknown"; reason: string };

/**
 * Hands a mail over, once, when its turn has come, which is waited for last: nothing but the way lies between it and the mail.
 * Never throws for the transport.
 */
export async function handOver(ctx: Context, mail: Outgoing, turn: () => Promise<Turn>): Promise<Outcome> {
  const folder = mailboxFolder(ctx.env);
  const { messageId, attempt, from, to, raw } = mail;
  let missed: Later | null = null;
  const whenTurnComes = async () => {
    const answer = await turn();
    if ("left" in answer) return answer.left;
    missed = answer;
    throw new Error("not now");
  };
  try {
    if (!folder)
      return { outcome: "sent", ...(await sendRawEmail(ctx.env, { messageId, from, to: [to], raw }, whenTurnComes)) };
    const left = await whenTurnComes();
    await deliverLocally(folder, messageId, attempt, raw);
    left();
    return { outcome: "sent", providerId: null };
  } catch (error) {
    if (missed) return { outcome: "later", ...(missed as Later) };
    ctx.log.warn({ messageId, error: codeOf(error) }, "a mail could not be handed over");
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
