import { createHash } from "node:crypto";
import { z } from "zod";
import { makeContext } from "@/server/context";
import { DomainError } from "@/server/errors";
import { sessionToken } from "@/server/http/members";
import { sessionActor } from "@/server/identity/identity";
import { liveTopics, liveVersion } from "@/server/insights/live";
import type { MemberActor } from "@/server/permissions";

/**
 * The stream behind pages that update themselves: each second one cheap query, and an event when its answer has changed.
 * The session is looked at again every quarter of a minute, so that signing out ends the stream. `?once` answers the
 * version alone, for browsers behind proxies that break streams.
 */

const query = z.object({ topic: z.enum(liveTopics), id: z.string().max(60).nullable() });
type Watch = z.infer<typeof query>;

const looksEveryMilliseconds = 1000;
const sessionEveryLooks = 15;

// Everybody with the same page open shares one query a second.
const recent = new Map<string, { at: number; version: Promise<string> }>();

async function versionOf(actor: MemberActor, watch: Watch): Promise<string> {
  const ctx = makeContext(actor);
  const now = ctx.clock.now().getTime();
  const key = `${actor.memberId} ${actor.role} ${watch.topic} ${watch.id}`;
  const known = recent.get(key);
  if (known && now - known.at < looksEveryMilliseconds * 0.8) return known.version;
  const version = liveVersion(ctx, watch).then((text) => createHash("sha1").update(text).digest("base64url"));
  recent.set(key, { at: now, version });
  if (recent.size > 500) for (const [old, entry] of recent) if (now - entry.at > 10_000) recent.delete(old);
  return version;
}

/** Streams that one member may hold in this process; a page that gets none asks now and then instead. */
const mostStreams = 20;
const streams = new Map<string, number>();

/** Counts a stream of a member and returns what ends it (once); null when they hold too many. */
export function takeStream(memberId: string): (() => void) | null {
  const held = streams.get(memberId) ?? 0;
  if (held >= mostStreams) return null;
  streams.set(memberId, held + 1);
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    const left = (streams.get(memberId) ?? 1) - 1;
    if (left > 0) streams.set(memberId, left);
    else streams.delete(memberId);
  };
}

async function signedIn(): Promise<{ token: string; actor: MemberActor } | null> {
  const token = await sessionToken();
  const session = token ? await sessionActor(makeContext({ kind: "visitor" }), token) : null;
  return token && session ? { token, actor: session.actor } : null;
}

/** Answers `GET /api/live?topic=…&id=…` for a signed-in member; anybody else, and any unknown row, gets 404. */
export async function liveStream(request: Request): Promise<Response> {
  const params = new URL(request.url).searchParams;
  const parsed = query.safeParse({ topic: params.get("topic"), id: params.get("id") });
  const who = await signedIn();
  if (!parsed.success || !who) return new Response(null, { status: who ? 404 : 401 });
  let first: string;
  try {
    first = await versionOf(who.actor, parsed.data);
  } catch (error) {
    if (error instanceof DomainError) return new Response(null, { status: 404 });
    throw error;
  }
  const headers = { "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no" };
  if (params.has("once")) return Response.json({ version: first }, { headers });
  const release = takeStream(who.actor.memberId);
  if (!release) return new Response(null, { status: 429 });
  return new Response(events(who, parsed.data, { first, signal: request.signal, release }), {
    headers: { ...headers, "Content-Type": "text/event-stream" },
  });
}

type Stream = { first: string; signal: AbortSignal; release(): void };

function events(who: { token: string; actor: MemberActor }, watch: Watch, { first, signal, release }: Stream) {
  const encoder = new TextEncoder();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    release();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const say = (text: string) => controller.enqueue(encoder.encode(text));
      const end = () => {
        if (!stopped) controller.close();
        stop();
      };
      if (signal.aborted) return end();
      signal.addEventListener("abort", end, { once: true });
      let last = first;
      let looks = 0;
      say(`retry: 2000\ndata: ${first}\n\n`);
      const look = async () => {
        try {
          looks += 1;
          if (looks % sessionEveryLooks === 0) {
            const session = await sessionActor(makeContext({ kind: "visitor" }), who.token);
            // Signed out, in another team now, or of another role: the page asks again and hears what it may see.
            if (session?.actor.memberId !== who.actor.memberId || session.actor.role !== who.actor.role) return end();
            if (!stopped) say(": still here\n\n");
          }
          const version = await versionOf(who.actor, watch);
          if (stopped) return;
          if (version !== last) say(`data: ${version}\n\n`);
          last = version;
          timer = setTimeout(look, looksEveryMilliseconds);
        } catch {
          // The database or the row is gone: the browser asks again, and then hears why.
          end();
        }
      };
      timer = setTimeout(look, looksEveryMilliseconds);
    },
    cancel: stop,
  });
}
