import { makeContext } from "@/server/context";
import { DomainError, errorStatus } from "@/server/errors";
import { receiveNotice } from "@/server/mail/feedback";
import { unsubscribe } from "@/server/mail/unsubscribe";
import { publicPaths } from "@/server/paths";

/** The largest message of SNS is 256 KB; JSON in JSON grows. */
const largestBody = 1_000_000;

/** `POST /api/webhooks/ses`: what SES tells about mails, posted by SNS. 5xx makes SNS try again. */
export async function sesWebhook(request: Request): Promise<Response> {
  const ctx = makeContext({ kind: "system", by: "clock" });
  const length = Number(request.headers.get("content-length") ?? 0);
  if (length > largestBody) return new Response(null, { status: 413 });
  try {
    const text = await request.text();
    if (text.length > largestBody) return new Response(null, { status: 413 });
    await receiveNotice(ctx, text);
    return new Response(null, { status: 204 });
  } catch (error) {
    if (error instanceof DomainError) return new Response(null, { status: errorStatus[error.code] });
    ctx.log.error({ err: error }, "a notice could not be taken in");
    return new Response(null, { status: 503 });
  }
}

type ByToken = { params: Promise<{ token: string }> };

/**
 * `POST /api/unsubscribe/TOKEN`: what mail programs send for their reader's one click (RFC 8058), without a cookie and from
 * anywhere: the token is the proof.
 */
export async function oneClickUnsubscribe(request: Request, { params }: ByToken): Promise<Response> {
  if (Number(request.headers.get("content-length") ?? 0) > 10_000) return new Response(null, { status: 413 });
  const form = await request.formData().catch(() => new FormData());
  if (form.get("List-Unsubscribe") !== "One-Click") return new Response(null, { status: 400 });
  const ctx = makeContext({ kind: "visitor" });
  try {
    await unsubscribe(ctx, await params);
    return new Response(null, { status: 204 });
  } catch (error) {
    if (error instanceof DomainError) return new Response(null, { status: errorStatus[error.code] });
    ctx.log.error({ err: error }, "an unsubscription failed");
    return new Response(null, { status: 503 });
  }
}

/** A person who opens the address that is meant for mail programs gets the page with the button; nothing changes. */
export async function toUnsubscribePage(_request: Request, { params }: ByToken): Promise<Response> {
  const { token } = await params;
  const location = publicPaths.unsubscribe(encodeURIComponent(token));
  return new Response(null, { status: 303, headers: { location, "referrer-policy": "no-referrer" } });
}
