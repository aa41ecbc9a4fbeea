/** The states of a registration and the moves between them. Pure: shared by use cases, pages and tests. */

export const registrationStates = [
  "unverified",
  "awaiting_approval",
  "rejected",
  "waitlisted",
  "offered",
  "confirmed",
  "attended",
  "no_show",
  "cancelled",
  "expired",
] as const;

export type RegistrationState = (typeof registrationStates)[number];

/** States that hold a seat of the workshop. */
export const seatStates = ["offered", "confirmed", "attended", "no_show"] as const satisfies RegistrationState[];

/** States after which the same person may register anew. */
export const endStates = ["rejected", "cancelled", "expired"] as const satisfies RegistrationState[];

const moves: Record<RegistrationState, readonly RegistrationState[]> = {
  unverified: ["awaiting_approval", "confirmed", "waitlisted", "cancelled", "expired"],
  awaiting_approval: ["confirmed", "waitlisted", "rejected", "cancelled", "expired"],
  rejected: [],
  waitlisted: ["offered", "confirmed", "cancelled", "expired"],
  offered: ["confirmed", "cancelled", "expired"],
  confirmed: ["attended", "no_show", "cancelled"],
  attended: ["no_show"],
  no_show: ["attended"],
  cancelled: [],
  expired: [],
};

/** Whether a registration may go from one state to another. */
export function mayMove(from: RegistrationState, to: RegistrationState): boolean {
  return moves[from].includes(to);
}

export function holdsSeat(state: RegistrationState): boolean {
  return (seatStates as readonly RegistrationState[]).includes(state);
}

/** Whether this is the person's registration in the workshop; at most one of theirs is. */
export function isLive(state: RegistrationState): boolean {
  return !(endStates as readonly RegistrationState[]).includes(state);
}

// --- When the form is there ------------------------------------------------------------------------------------------

/** What of a workshop says when people can register. */
export type RegistrationWindow = {
  startsAt: Date | null;
  registrationOpensAt: Date | null;
  registrationClosesAt: Date | null;
  minimumNoticeHours: number;
};

const hour = 3_600_000;
/**
 * Hours for which a form that was sent in time can still be confirmed: mails are read the next day, but the notice is what the
 * hosts need to prepare.
 */
const grace = { closing: 24, notice: 1 };

function endOf(workshop: RegistrationWindow, hours: { closing: number; notice: number }): Date | null {
  const { startsAt, registrationClosesAt, minimumNoticeHours } = workshop;
  const ends = [
    ...(registrationClosesAt ? [registrationClosesAt.getTime() + hours.closing * hour] : []),
    ...(startsAt && minimumNoticeHours > 0 ? [startsAt.getTime() + (hours.notice - minimumNoticeHours) * hour] : []),
  ];
  return ends.length > 0 ? new Date(Math.min(...ends)) : null;
}

/** From when on the form is no longer there: the closing date or the notice, whichever is sooner; null for neither. */
export function registrationEnds(workshop: RegistrationWindow): Date | null {
  return endOf(workshop, { closing: 0, notice: 0 });
}

/** Why the form is not there at a moment: not yet, or no longer; null when it is. */
export function windowProblem(workshop: RegistrationWindow, now: Date): "not_yet" | "ended" | null {
  if (workshop.registrationOpensAt && now < workshop.registrationOpensAt) return "not_yet";
  const ends = registrationEnds(workshop);
  return ends && ends <= now ? "ended" : null;
}

/** Whether a form sent in time can no longer be confirmed. */
export function tooLateToConfirm(workshop: RegistrationWindow, now: Date): boolean {
  const until = endOf(workshop, grace);
  return until !== null && until <= now;
}
