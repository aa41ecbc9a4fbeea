import {
  GetIdentityVerificationAttributesCommand,
  GetSendQuotaCommand,
  SESClient,
  SendRawEmailCommand,
} from "@aws-sdk/client-ses";
import { z } from "zod";
import { clientOptions } from "@/server/aws/clients";
import { calling } from "@/server/aws/errors";
import { baseCredentials, placeOf } from "@/server/aws/sts";
import type { Env } from "@/server/env";

function ses(env: Env, attempts?: number): SESClient {
  const once = attempts === undefined ? {} : { attempts, throttledAttempts: attempts };
  return new SESClient(clientOptions({ ...placeOf(env), credentials: baseCredentials(env), ...once }));
}

const senders = new Map<string, SESClient>();

/** One client for all mails of a process: making one costs more than a mail. */
function sender(env: Env): SESClient {
  const { region, endpoint = "" } = placeOf(env);
  const key = `${region} ${endpoint}`;
  const known = senders.get(key) ?? ses(env, 1);
  senders.set(key, known);
  return known;
}

/** Tag that carries our message's id into SES's send events. */
export const messageTag = "atelier-message";

/**
 * Sends one mail, once: SES has no idempotency token, so nothing is tried again here (the queue decides), and our message's
 * id goes along as a tag, so that a send event can settle a mail in doubt. Waits for `whenReady` once the request is signed, lets
 * it go at once, and calls what that returned when it has left; what it throws comes back, and nothing went. Returns the id that SES gave it. `CloudError` of
 * kind `Unavailable` means that nobody knows whether it was sent; `Refused`, `AccessDenied` and `Throttled` that it was not.
 */
export async function sendRawEmail(
  env: Env,
  mail: { messageId: string; from: string; to: readonly string[]; raw: Uint8Array },
  whenReady: () => Promise<() => void>,
): Promise<{ providerId: string }> {
  const command = new SendRawEmailCommand({
    Source: mail.from,
    Destinations: [...mail.to],
    RawMessage: { Data: mail.raw },
    Tags: [{ Name: messageTag, Value: mail.messageId }],
    ConfigurationSetName: env.SES_CONFIGURATION_SET,
  });
  // The last step before the bytes go.
  command.middlewareStack.add(
    (next) => async (args) => {
      const left = await whenReady();
      const answer = next(args);
      setImmediate(left);
      return answer;
    },
    { step: "deserialize", priority: "low", name: "whenReady" },
  );
  const answer = await calling("SendRawEmail", () => sender(env).send(command));
  return { providerId: z.string().min(1).parse(answer.MessageId) };
}

/** What the account may send: mails in 24 hours, sent in the last 24 hours, and mails a second. */
export async function sendQuota(env: Env): Promise<{ perDay: number; sentLastDay: number; perSecond: number }> {
  const answer = await calling("GetSendQuota", () => ses(env).send(new GetSendQuotaCommand({})));
  return z.object({ perDay: z.number(), sentLastDay: z.number(), perSecond: z.number() }).parse({
    perDay: answer.Max24HourSend,
    sentLastDay: answer.SentLast24Hours,
    perSecond: answer.MaxSendRate,
  });
}

/** Whether SES may send from an address or domain: "verified", "pending", "failed", or "unknown" where it was never set up. */
export async function identityStatus(
  env: Env,
  identity: string,
): Promise<"verified" | "pending" | "failed" | "unknown"> {
  const answer = await calling("GetIdentityVerificationAttributes", () =>
    ses(env).send(new GetIdentityVerificationAttributesCommand({ Identities: [identity] })),
  );
  const status = answer.VerificationAttributes?.[identity]?.VerificationStatus;
  if (status === "Success") return "verified";
  if (status === "Pending" || status === "TemporaryFailure") return "pending";
  return status === "Failed" ? "failed" : "unknown";
}
