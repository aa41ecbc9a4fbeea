import { makeContext } from "@/server/context";
import { DomainError, errorStatus } from "@/server/errors";
import { receiveNotice } from "@/server/mail/feedback";

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
