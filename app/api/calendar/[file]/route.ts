import { createHash } from "node:crypto";
import { DomainError, errorStatus } from "@/server/errors";
import { visitorContext } from "@/server/http/public";
import { clientAddress } from "@/server/http/request";
import { readFeed } from "@/server/workshops/feeds";

export const dynamic = "force-dynamic";

/** Kept nowhere on the way, asked for again each time (RFC 9111 §5.2.2), so that a revoked address is dead at once. */
const headers = { "cache-control": "private, no-cache", "x-robots-tag": "noindex, nofollow" };

/** A calendar to subscribe to, for whoever has its address; no cookie is read or set. */
export async function GET(request: Request, { params }: { params: Promise<{ file: string }> }): Promise<Response> {
  const { file } = await params;
  try {
    const text = await readFeed(visitorContext(), { file, address: await clientAddress() });
    const etag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
    const known = request.headers.get("if-none-match")?.split(",") ?? [];
    if (known.some((tag) => tag.trim().replace(/^W\//, "") === etag))
      return new Response(null, { status: 304, headers: { ...headers, etag } });
    return new Response(text, { headers: { ...headers, etag, "content-type": "text/calendar; charset=utf-8" } });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const wait = error.detail.retryAfterSeconds;
    return new Response(error.message, {
      status: errorStatus[error.code],
      headers: { ...headers, ...(wait ? { "retry-after": String(wait) } : {}) },
    });
  }
}
