"use server";

import { z } from "zod";
import { clearSessionCookie, memberAction, sessionToken } from "@/server/http/members";
import * as identity from "@/server/identity/identity";

/** From now on this browser works in another team of the same member. */
export const switchTeam = memberAction(z.object({ teamId: z.string().max(60) }), async (ctx, { teamId }) => {
  const token = await sessionToken();
  if (token) await identity.switchTeam(ctx, { token, teamId });
  return null;
});

export const signOut = memberAction(z.object({}), async (ctx) => {
  const token = await sessionToken();
  if (token) await identity.signOut(ctx, { token });
  await clearSessionCookie();
  return null;
});

/** Ends every session of this member, in all browsers. */
export const signOutEverywhere = memberAction(z.object({}), async (ctx) => {
  await identity.signOutEverywhere(ctx);
  await clearSessionCookie();
  return null;
});
