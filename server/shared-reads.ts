import type { Context } from "@/server/context";
import type { Db } from "@/server/db";

/**
 * Lets equal reads that are asked for at the same time share one: while one runs, all who come wait for the next, which begins
 * when it has ended. So each gets what was true after they asked, never something older, and a burst of five hundred for the
 * same invitation reads it a few dozen times. `key` names what is read; the answer is shared and must not be changed.
 */
export function sharedRead<A>(
  read: (ctx: Context, key: string) => Promise<A>,
): (ctx: Context, key: string) => Promise<A> {
  type Flight = { running: Promise<unknown>; next: Promise<A> | null };
  const ofDb = new WeakMap<Db, Map<string, Flight>>();
  const start = (flights: Map<string, Flight>, ctx: Context, key: string): Promise<A> => {
    const answer = read(ctx, key);
    const flight: Flight = { running: answer.catch(() => undefined), next: null };
    flights.set(key, flight);
    void flight.running.then(() => {
      if (flights.get(key) === flight && !flight.next) flights.delete(key);
    });
    return answer;
  };
  return (ctx, key) => {
    const flights = ofDb.get(ctx.db) ?? new Map<string, Flight>();
    ofDb.set(ctx.db, flights);
    const flight = flights.get(key);
    if (!flight) return start(flights, ctx, key);
    flight.next ??= flight.running.then(() => start(flights, ctx, key));
    return flight.next;
  };
}
