/**
 * The states of a workshop and the moves between them, with what each move needs. Pure: the same table drives the buttons,
 * the actions and the clock.
 */

export type WorkshopState = "draft" | "registration" | "open" | "closing" | "closed" | "cancelled";
export type MoveName = "openRegistration" | "pause" | "resume" | "open" | "close" | "cancel";

/** One point of a move's checklist: what it is about, and the link that mends it. A blocking one holds the move back. */
export type Guard = {
  id: string;
  ok: boolean;
  blocking: boolean;
  text: string;
  fix: { label: string; target: FixTarget } | null;
  /** How many accounts are missing on the date: whoever makes the move has to accept so many. */
  missing?: number;
};

/** Where a checklist point is mended; the page turns it into a URL. */
export type FixTarget =
  | "basics"
  | "schedule"
  | "agenda"
  | "people"
  | "sandbox"
  | "pool"
  | "calendar"
  | "registrations"
  | "settings";

export type Move = {
  name: MoveName;
  label: string;
  allowed: boolean;
  /** Why it cannot be done now, in one sentence. */
  reason: string | null;
  guards: Guard[];
  /** What will be lost or sent, for the confirmation; null when nothing is. */
  loses: string | null;
};

/** What the guards look at. */
export type WorkshopFacts = {
  state: WorkshopState;
  paused: boolean;
  title: string;
  startsAt: Date | null;
  endsAt: Date | null;
  place: string;
  link: string;
  presenters: number;
  accountManagers: number;
  capacity: number;
  confirmed: number;
  waitlisted: number;
  unverified: number;
  liveLeases: number;
  /** Null when the workshop has no sandbox. */
  pool: {
    /** Accounts for its people: those of the pool that are free, and those that were made ready early. */
    available: number;
    usable: number;
    problem: string | null;
    /** What the workshop's dates mean for the pool; null while it has none. */
    onDate: { wanted: number; there: number; missing: number; text: string } | null;
  } | null;
  now: Date;
};

type MoveRule = {
  label: string;
  from: readonly WorkshopState[];
  to: WorkshopState;
  /** Why not, beyond the state. */
  unless?: (facts: WorkshopFacts) => string | null;
  guards: (facts: WorkshopFacts) => Guard[];
  loses: (facts: WorkshopFacts) => string | null;
};

const fix = (label: string, target: FixTarget) => ({ label, target });
const people = (count: number, what: string) => `${count} ${what}${count === 1 ? " person" : " people"}`;

function registrationGuards(facts: WorkshopFacts): Guard[] {
  const inFuture = facts.startsAt !== null && facts.startsAt > facts.now;
  return [
    {
      id: "dates",
      ok: inFuture,
      blocking: true,
      text: facts.startsAt === null ? "No date yet" : inFuture ? "Date and time are set" : "The start is in the past",
      fix: fix("Set the date", "schedule"),
    },
    {
      id: "where",
      ok: facts.place !== "" || facts.link !== "",
      blocking: true,
      text: facts.place || facts.link ? "Place or link is set" : "No place and no link yet",
      fix: fix("Add a place or a link", "schedule"),
    },
    {
      id: "presenter",
      ok: facts.presenters > 0,
      blocking: true,
      text:
        facts.presenters > 0
          ? `${people(facts.presenters, "presenting").replace("presenting ", "")} presenting`
          : "No presenter yet",
      fix: fix("Add a presenter", "people"),
    },
    {
      id: "accountManager",
      ok: facts.accountManagers > 0,
      blocking: true,
      text:
        facts.accountManagers > 0
          ? `${facts.accountManagers} account ${facts.accountManagers === 1 ? "manager invites" : "managers invite"}`
          : "No account manager invites yet",
      fix: fix("Choose who invites", "people"),
    },
    ...organizationGuard(facts),
    ...(facts.pool?.onDate ? dateGuard(facts) : accountsGuard(facts, facts.capacity, facts.pool?.usable ?? 0, "seats")),
  ];
}

function organizationGuard({ pool }: WorkshopFacts): Guard[] {
  if (!pool) return [];
  return [
    {
      id: "organization",
      ok: pool.problem === null,
      blocking: false,
      text: pool.problem ?? "The pool's guard rails are in place",
      fix: pool.problem ? fix("See the pool", "pool") : null,
    },
  ];
}

/** What is wanted of the pool on the workshop's dates, with what other workshops want of it. */
function dateGuard({ pool }: WorkshopFacts): Guard[] {
  if (!pool?.onDate) return [];
  const { missing, text } = pool.onDate;
  const enough = missing === 0;
  return [
    {
      ...{ id: "dateCapacity", ok: enough, blocking: false, text, missing },
      fix: enough ? null : fix("See the calendar", "calendar"),
    },
  ];
}

function accountsGuard(facts: WorkshopFacts, needed: number, there: number, what: string): Guard[] {
  if (!facts.pool) return [];
  const enough = there >= needed;
  return [
    {
      id: "accounts",
      ok: enough,
      blocking: false,
      text: enough
        ? `${there} sandbox accounts for ${needed} ${what}`
        : `${there === 0 ? "No sandbox accounts" : there === 1 ? "Only 1 sandbox account" : `Only ${there} sandbox accounts`} for ${needed} ${what}`,
      fix: enough ? null : fix("See the pool", "pool"),
    },
  ];
}

/** Every move of a workshop. `pause` and `resume` stay in the state. */
export const moveRules: Record<MoveName, MoveRule> = {
  openRegistration: {
    label: "Open registration",
    from: ["draft"],
    to: "registration",
    guards: registrationGuards,
    loses: (facts) =>
      `${facts.accountManagers} account ${facts.accountManagers === 1 ? "manager gets" : "managers get"} a link and a mail.`,
  },
  pause: {
    label: "Pause registration",
    from: ["registration"],
    to: "registration",
    unless: (facts) => (facts.paused ? "Registration is paused already." : null),
    guards: () => [],
    loses: () => "Invitation links answer that registration is paused until you resume it.",
  },
  resume: {
    label: "Resume registration",
    from: ["registration"],
    to: "registration",
    unless: (facts) => (facts.paused ? null : "Registration is not paused."),
    guards: () => [],
    loses: () => null,
  },
  open: {
    label: "Open workshop",
    from: ["registration"],
    to: "open",
    unless: (facts) => (facts.pool?.problem ? `Sandbox accounts cannot be lent now: ${facts.pool.problem}` : null),
    guards: (facts) => [
      {
        id: "confirmed",
        ok: facts.confirmed > 0,
        blocking: false,
        text: facts.confirmed > 0 ? people(facts.confirmed, "confirmed") : "Nobody has confirmed yet",
        fix: facts.confirmed > 0 ? null : fix("See the registrations", "registrations"),
      },
      ...organizationGuard(facts),
      ...(facts.pool?.onDate?.missing ? dateGuard(facts) : []),
      ...accountsGuard(
        facts,
        facts.confirmed,
        facts.pool?.available ?? 0,
        facts.confirmed === 1 ? "confirmed person" : "confirmed people",
      ),
    ],
    loses: (facts) => (facts.confirmed > 0 ? `${people(facts.confirmed, "confirmed")} will be told by mail.` : null),
  },
  close: {
    label: "Close workshop",
    from: ["open"],
    to: "closing",
    guards: (facts) => [
      {
        id: "ended",
        ok: facts.endsAt !== null && facts.endsAt <= facts.now,
        blocking: false,
        text:
          facts.endsAt !== null && facts.endsAt <= facts.now
            ? "The workshop has ended"
            : "The workshop has not ended yet",
        fix: null,
      },
    ],
    loses: (facts) =>
      facts.liveLeases > 0
        ? `${facts.liveLeases} sandbox ${facts.liveLeases === 1 ? "account is" : "accounts are"} taken back at once and emptied: what attendees built there is lost.`
        : null,
  },
  cancel: {
    label: "Cancel workshop",
    from: ["draft", "registration"],
    to: "cancelled",
    guards: () => [],
    loses: (facts) => {
      const told = facts.confirmed + facts.waitlisted;
      return told > 0
        ? `${people(told, "registered")} will be told by mail. This cannot be undone.`
        : "This cannot be undone.";
    },
  },
};

const stateWords: Record<WorkshopState, string> = {
  draft: "a draft",
  registration: "in registration",
  open: "open",
  closing: "closing",
  closed: "closed",
  cancelled: "cancelled",
};

/** One move as it stands now: whether it may be done, why not, and its checklist. */
export function checkMove(name: MoveName, facts: WorkshopFacts): Move {
  const rule = moveRules[name];
  const guards = rule.guards(facts);
  const missing = guards.find((guard) => guard.blocking && !guard.ok);
  const reason = rule.from.includes(facts.state)
    ? (rule.unless?.(facts) ?? (missing ? `${missing.text}.` : null))
    : `The workshop is ${stateWords[facts.state]}.`;
  return { name, label: rule.label, allowed: reason === null, reason, guards, loses: rule.loses(facts) };
}

/** The moves that make sense in a state, the main one first. */
export function movesOf(facts: WorkshopFacts): Move[] {
  const names: MoveName[] = ["openRegistration", "open", "close", facts.paused ? "resume" : "pause", "cancel"];
  return names.filter((name) => moveRules[name].from.includes(facts.state)).map((name) => checkMove(name, facts));
}
