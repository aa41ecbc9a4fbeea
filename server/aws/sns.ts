import { verify, X509Certificate } from "node:crypto";
import { z } from "zod";

/**
 * Notices that SNS posts to an https address: believed only when SNS signed them for the one topic that we know.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */

const types = ["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"] as const;

const posted = z.object({
  Type: z.enum(types),
  MessageId: z.string().min(1).max(100),
  TopicArn: z.string().max(400),
  Message: z.string(),
  Subject: z.string().nullish(),
  Timestamp: z.iso.datetime(),
  Token: z.string().optional(),
  SubscribeURL: z.string().optional(),
  SignatureVersion: z.enum(["1", "2"]),
  Signature: z.base64(),
  SigningCertURL: z.string().max(400),
});
type Posted = z.infer<typeof posted>;

export type Notice = {
  type: (typeof types)[number];
  /** The same for each delivery of one notice. */
  id: string;
  message: string;
  /** Where to confirm a subscription; null for any other type. */
  confirmUrl: URL | null;
};

/** A notice that is not believed; `why` is for the log and quotes nothing of it. */
export class NoticeRefused extends Error {
  override name = "NoticeRefused";
}

/** The PEM of a signing certificate; tests put their own in the place of AWS's. */
export type Certificates = (url: URL) => Promise<string>;

type Known = { topicArn: string; now: Date; certificates?: Certificates };

const day = 86_400_000;
/** SNS stops trying after days at the most; ids of notices are kept for longer (feedback.ts), so a replay is always known. */
const oldestMilliseconds = 14 * day;
const futureMilliseconds = 15 * 60_000;
const fetchMilliseconds = 5_000;
const largestCertificate = 32_768;

/** Checks a posted notice as a whole: shape, topic, age, certificate and signature. Throws `NoticeRefused`. */
export async function readNotice(text: string, known: Known): Promise<Notice> {
  const notice = shape(text);
  if (notice.TopicArn !== known.topicArn) throw new NoticeRefused("it is of another topic");
  const age = known.now.getTime() - Date.parse(notice.Timestamp);
  if (age > oldestMilliseconds || age < -futureMilliseconds) throw new NoticeRefused("its time is not now");
  const url = ofSns(notice.SigningCertURL, known.topicArn);
  if (!url?.pathname.endsWith(".pem")) throw new NoticeRefused("its certificate is not SNS's");
  const certificate = new X509Certificate(await (known.certificates ?? fromAws)(url));
  if (known.now < certificate.validFromDate || known.now > certificate.validToDate)
    throw new NoticeRefused("its certificate is not valid now");
  const hash = notice.SignatureVersion === "1" ? "sha1" : "sha256";
  const signature = Buffer.from(notice.Signature, "base64");
  if (!verify(hash, Buffer.from(signedText(notice)), certificate.publicKey, signature))
    throw new NoticeRefused("its signature is wrong");
  const confirmUrl = notice.Type === "SubscriptionConfirmation" ? ofSns(notice.SubscribeURL, known.topicArn) : null;
  return { type: notice.Type, id: notice.MessageId, message: notice.Message, confirmUrl };
}

function shape(text: string): Posted {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new NoticeRefused("it is not JSON");
  }
  const parsed = posted.safeParse(body);
  if (!parsed.success) throw new NoticeRefused("it does not look like a notice of SNS");
  return parsed.data;
}

/** What SNS signs: names and values of these fields in this order, each with a line feed; a missing subject is left out. */
function signedText(notice: Posted): string {
  const names =
    notice.Type === "Notification"
      ? (["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"] as const)
      : (["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"] as const);
  return names.flatMap((name) => (notice[name] ? [`${name}\n${notice[name]}\n`] : [])).join("");
}

/** An address of SNS itself in the topic's Region, over https with nothing odd in it; else null. */
function ofSns(text: string | undefined, topicArn: string): URL | null {
  if (!text || !URL.canParse(text)) return null;
  const [, partition, , region = ""] = topicArn.split(":");
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return null;
  const host = `sns.${region}.amazonaws.com${partition === "aws-cn" ? ".cn" : ""}`;
  const url = new URL(text);
  const plain = url.username === "" && url.password === "" && url.port === "";
  return url.protocol === "https:" && url.hostname === host && plain ? url : null;
}

const certificates = new Map<string, string>();

/** Fetched once for each address: SNS changes the address with the certificate. */
async function fromAws(url: URL): Promise<string> {
  const known = certificates.get(url.href);
  if (known) return known;
  const pem = await get(url);
  if (pem.length > largestCertificate || !pem.includes("BEGIN CERTIFICATE"))
    throw new NoticeRefused("its certificate cannot be read");
  if (certificates.size >= 20) certificates.clear();
  certificates.set(url.href, pem);
  return pem;
}

/** Confirms the subscription of a notice that was believed. Throws when SNS does not answer. */
export async function confirmSubscription(url: URL): Promise<void> {
  await get(url);
}

async function get(url: URL): Promise<string> {
  const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(fetchMilliseconds) });
  if (!answer.ok) throw new Error(`SNS answered ${answer.status}`);
  return answer.text();
}
