/** States of accounts and leases and the moves between them: one table for use cases, jobs and buttons. Pure. */

export type AccountState = "available" | "leased" | "cleaning" | "cooling" | "quarantined" | "retired";

/** Where an account may go from each state. */
const accountMoves = {
  available: ["leased", "cleaning", "quarantined", "retired"],
  leased: ["cleaning", "quarantined"],
  cleaning: ["available", "cooling", "quarantined"],
  cooling: ["available", "cleaning", "quarantined", "retired"],
  quarantined: ["cleaning", "available", "retired"],
  retired: ["cleaning"],
} as const satisfies Record<AccountState, readonly AccountState[]>;

/** Whether the table knows the move. */
export function mayMoveAccount(from: AccountState, to: AccountState): boolean {
  return (accountMoves[from] as readonly AccountState[]).includes(to);
}

/** The organizational unit that an account of a state belongs in; null: it is left where it is. */
export const unitOfState = {
  available: "ready",
  cooling: "ready",
  leased: "leased",
  cleaning: "closing",
  quarantined: "quarantine",
  retired: null,
} as const satisfies Record<AccountState, string | null>;

/** What a member may do with an account by hand, in which states. */
export const accountActs = {
  clean: ["available", "cooling", "quarantined", "retired"],
  release: ["quarantined", "cooling"],
  retire: ["available", "cooling", "quarantined"],
} as const satisfies Record<string, readonly AccountState[]>;

export type LeaseState = "reserved" | "ready" | "failed" | "closing" | "revoked" | "ended";

/** Leases of these states can be taken back; those after are on their way. */
export const leaseStatesBeforeClosing = ["reserved", "ready", "failed"] as const satisfies readonly LeaseState[];

/** The steps of taking one lease back, in order. */
export const takeBackSteps = ["move", "revoke", "prove", "clean", "return"] as const;
export type TakeBackStep = (typeof takeBackSteps)[number];

/** What each step does, for people. */
export const takeBackTitles: Record<TakeBackStep, string> = {
  move: "Close the account to everybody",
  revoke: "Take access away",
  prove: "Prove that access is gone",
  clean: "Empty the account",
  return: "Return it to the pool",
};
