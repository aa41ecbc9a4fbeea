import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import type { z } from "zod";
import { type Context, makeContext } from "@/server/context";
import { DomainError, errorStatus } from "@/server/errors";
import { type ActionResult, checkOrigin, cookieOptions, failure, parseInput } from "@/server/http/request";
import { sessionActor } from "@/server/identity/identity";
import { consolePaths } from "@/server/paths";
import type { MemberActor } from "@/server/permissions";

/** The console's edge: the session cookie, and what pages and actions get from it. */

const sessionCookie = "atelier_session";
const sessionDays = 7;

/** Remembers a signed-in browser; call it from an action only. */
export async function setSessionCookie(token: string): Promise<void> {
  (await cookies()).set(sessionCookie, token, cookieOptions(sessionDays * 86_400));
}

export async function clearSessionCookie(): Promise<void> {
  (await cookies()).delete(sessionCookie);
}

export async function sessionToken(): Promise<string | null> {
  return (await cookies()).get(sessionCookie)?.value ?? null;
}

/** Who is signed in, once for a request: actor, identity and memberships, or null. */
export const currentSession = cache(async () => {
  const token = await sessionToken();
  return token ? await sessionActor(makeContext({ kind: "visitor" }), token) : null;
});

/** The member's context for a page; somebody signed out goes to the sign-in page and comes back after. */
export async function memberContext(from?: string): Promise<Context<MemberActor>> {
  const session = await currentSession();
  if (!session) redirect(`${consolePaths.signIn()}${from ? `?next=${encodeURIComponent(from)}` : ""}`);
  return makeContext(session.actor);
}

/**
 * An action of the console: checks origin, session and input, runs the use case, and answers with a value or with a failure
 * in words. Authorisation is the use case's.
 */
export function memberAction<S extends z.ZodType, T>(
  schema: S,
  run: (ctx: Context<MemberActor>, input: z.output<S>) => Promise<T>,
) {
  return async (input: z.input<S>): Promise<ActionResult<T>> => {
    try {
      await checkOrigin();
      const session = await currentSession();
      if (!session)
        return {
          ok: false,
          code: "unauthenticated",
          message: "You are signed out. Sign in again; what you typed stays here.",
          fields: {},
        };
      return { ok: true, value: await run(makeContext(session.actor), parseInput(schema, input)) };
    } catch (error) {
      return failure(error);
    }
  };
}

/** A request of the console that is not from a page of ours, or from nobody who is signed in, gets no further than this. */
export async function memberRequest(): Promise<Context<MemberActor>> {
  await checkOrigin();
  const session = await currentSession();
  if (!session)
    throw new DomainError("unauthenticated", "You are signed out. Sign in again; what you did here is kept.");
  return makeContext(session.actor);
}

/**
 * A route that a page of the console posts JSON to, where an action will not do: actions of one page wait for each other, and
 * one that hangs in a bad network would hold up the page. Checks and answers like an action, with the status of the failure.
 */
export function memberRoute<S extends z.ZodType, T>(
  schema: S,
  run: (ctx: Context<MemberActor>, input: z.output<S>) => Promise<T>,
) {
  return async (request: Request): Promise<Response> => {
    const headers = { "cache-control": "no-store" };
    try {
      const ctx = await memberRequest();
      const input = parseInput(schema, await request.json().catch(() => null));
      return Response.json({ ok: true, value: await run(ctx, input) }, { headers });
    } catch (error) {
      const status = error instanceof DomainError ? errorStatus[error.code] : 500;
      return Response.json(failure(error), { status, headers });
    }
  };
}
