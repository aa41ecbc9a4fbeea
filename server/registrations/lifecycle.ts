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
