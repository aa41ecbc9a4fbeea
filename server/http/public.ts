import { cookies } from "next/headers";
import { type Context, makeContext } from "@/server/context";
import { type ActionResult, checkOrigin, cookieOptions, failure, formValues } from "@/server/http/request";
import { hashToken } from "@/server/ids";
import type { AttendeeActor, VisitorActor } from "@/server/permissions";

/** The public pages' edge: the cookie of an attendee's browser, and forms that work without JavaScript. */

const attendeeCookie = "atelier_attendee";
const attendeeDays = 180;

export function visitorContext(): Context<VisitorActor> {
  return makeContext({ kind: "visitor" });
}

/** The token of this browser, or null when it never entered a workshop. One token may open several registrations. */
export async function attendeeToken(): Promise<string | null> {
  return (await cookies()).get(attendeeCookie)?.value ?? null;
}

/** Remembers this browser; call it from an action or a route only. */
export async function setAttendeeCookie(token: string): Promise<void> {
  (await cookies()).set(attendeeCookie, token, cookieOptions(attendeeDays * 86_400));
}

/** The attendee of a registration as this browser proves it, or null. `verified` decides what it may do. */
export async function attendeeContext(registrationId: string): Promise<Context<AttendeeActor> | null> {
  const token = await attendeeToken();
  if (!token) return null;
  const ctx = visitorContext();
  const browser = await ctx.db.attendeeBrowser.findUnique({
    where: { tokenHash_registrationId: { tokenHash: hashToken(token), registrationId } },
    select: { teamId: true, verifiedAt: true, expiresAt: true, revokedAt: true },
  });
  if (!browser || browser.revokedAt || browser.expiresAt <= ctx.clock.now()) return null;
  return makeContext({
    kind: "attendee",
    teamId: browser.teamId,
    registrationId,
    verified: browser.verifiedAt !== null,
  });
}

/**
 * A form's action for `useActionState`: refuses a foreign origin, keeps what was typed, and turns expected failures into
 * text beside the fields.
 */
export function publicAction<T>(run: (form: FormData) => Promise<T>) {
  return async (_previous: ActionResult<T> | null, form: FormData): Promise<ActionResult<T>> => {
    try {
      await checkOrigin();
      return { ok: true, value: await run(form) };
    } catch (error) {
      return failure(error, formValues(form));
    }
  };
}
