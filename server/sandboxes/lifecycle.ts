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
  clean: ["available", "cooling", "quarantined"],
  release: ["quarantined"],
  endCooldown: ["cooling"],
  retire: ["available", "cooling", "quarantined"],
  bringBack: ["retired"],
} as const satisfies Record<string, readonly AccountState[]>;
export type AccountAct = keyof typeof accountActs;

/** The acts that need a reason, and the reasons to choose from. The key stands in the history for good, so it names nobody. */
export const actReasons = {
  release: {
    looked: "I looked into the account: what is left does no harm",
    unused: "The list that failed is of a service that nobody can have used",
    support: "AWS support removed what was left",
    other: "Another reason, which I write down",
  },
  retire: {
    stuck: "It cannot be emptied",
    closing: "It is going to be closed in AWS",
    elsewhere: "It is needed outside of the pool",
    surplus: "The pool has more accounts than it needs",
    other: "Another reason, which I write down",
  },
} as const satisfies Partial<Record<AccountAct, Record<string, string>>>;
export type ReleaseReason = keyof typeof actReasons.release;
export type RetireReason = keyof typeof actReasons.retire;

export type LeaseState = "reserved" | "ready" | "failed" | "closing" | "revoked" | "ended";

/** Leases of these states can be taken back; those after are on their way. */
export const leaseStatesBeforeClosing = ["reserved", "ready", "failed"] as const satisfies readonly LeaseState[];

/** A where-clause for the lease that its holder has now: one on its way back is nobody's any more. */
export const leaseInUse = { endedAt: null, state: { in: [...leaseStatesBeforeClosing] } } satisfies {
  endedAt: null;
  state: { in: LeaseState[] };
};

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
