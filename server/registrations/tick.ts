import type { Context } from "@/server/context";
import { expireHandovers } from "@/server/registrations/handover";
import { lapseOffers } from "@/server/registrations/offers";

/** Job, each minute: what waits for an answer whose time is over. Each part can fail alone and comes again. */
export async function tickRegistrations(ctx: Context): Promise<void> {
  const failures: unknown[] = [];
  for (const part of [lapseOffers, expireHandovers]) await part(ctx).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
