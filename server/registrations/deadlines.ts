/** How long an answer is waited for. Pure. */

const hour = 3_600_000;

/** An offer that would be shorter than this is none: the seat is theirs at once. */
export const shortestOfferHours = 2;
/** How long a colleague has to take over a seat. */
export const handoverHours = 72;

type Offering = { state: string; offerHours: number | null; startsAt: Date | null };

/** The sooner of a time so many hours from now and the start. */
function withinStart(hours: number, startsAt: Date | null, now: Date): Date {
  const end = now.getTime() + hours * hour;
  return new Date(startsAt ? Math.min(end, startsAt.getTime()) : end);
}

/**
 * Until when a seat that became free is held for the next on the waitlist: the workshop's hours, at most until it starts.
 * Null where it is theirs without asking: the workshop says so, it is open, or too little time is left to answer.
 */
export function offerDeadline({ state, offerHours, startsAt }: Offering, now: Date): Date | null {
  if (offerHours === null || state !== "registration") return null;
  const end = withinStart(offerHours, startsAt, now);
  return end.getTime() - now.getTime() < shortestOfferHours * hour ? null : end;
}

/** Until when a colleague may take over a seat: three days, at most until the workshop starts. */
export function handoverDeadline(startsAt: Date | null, now: Date): Date {
  return withinStart(handoverHours, startsAt, now);
}
