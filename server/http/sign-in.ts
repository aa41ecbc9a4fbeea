import { cookies } from "next/headers";
import { z } from "zod";
import { env } from "@/server/env";
import { cookieOptions } from "@/server/http/request";
import { seal, unseal } from "@/server/secrets";

/**
 * A sign-in between its two pages: which attempt, for which typed address, and where to go after. It travels in an encrypted
 * cookie, so that no address is in a URL, and the page survives a look into the mail app.
 */

const cookie = "atelier_sign_in";
const purpose = "sign-in-cookie";
const lifeSeconds = 30 * 60;

const shape = z.object({ attemptId: z.string(), email: z.string(), codeLength: z.number(), next: z.string() });
export type PendingSignIn = z.infer<typeof shape>;

/** Call it from an action only. */
export async function setPendingSignIn(pending: PendingSignIn): Promise<void> {
  const value = seal(env().ATELIER_SECRET_KEY, purpose, JSON.stringify(pending));
  (await cookies()).set(cookie, value, cookieOptions(lifeSeconds));
}

export async function clearPendingSignIn(): Promise<void> {
  (await cookies()).delete(cookie);
}

/** The sign-in that this browser began, or null. */
export async function pendingSignIn(): Promise<PendingSignIn | null> {
  const value = (await cookies()).get(cookie)?.value;
  if (!value) return null;
  try {
    return shape.parse(JSON.parse(unseal(env().ATELIER_SECRET_KEY, purpose, value)));
  } catch {
    // Of another installation or an older version: as if there were none.
    return null;
  }
}
