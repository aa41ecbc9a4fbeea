import type { MailKind } from "@/server/mail/kinds";
import {
  type MailAudienceOf,
  type MailCondition,
  type MailLate,
  type MailRole,
  type MailWhen,
  type RuleSettings,
  ruleSettings,
} from "@/server/mail/schemas";

/**
 * Which mail goes to whom, when, and on what condition: the defaults, and what a team or a workshop says instead. Pure; the
 * rows that follow from it are made by planning.ts (attendees) and member-mails.ts (members).
 */

/**
 * Who makes the rows of a rule. `cause`: the use case that it tells of, at once. `seat`: planned ahead for each registration
 * that has a seat. `closing`: written when the workshop is closed. `members`: for members, found at its time. `week`: the
 * same for the team, each week.
 */
type Planned = "cause" | "seat" | "closing" | "members" | "week";

export type RuleDefault = {
  kind: MailKind;
  planned: Planned;
  /** Of the team alone: no workshop says otherwise. */
  ofTeam?: boolean;
  /** When, in words, for what goes by its cause. */
  cause?: string;
  /** Whether a person may turn it off: nobody stands before a closed door without it. */
  optional: boolean;
  /** What the mail says holds for these registration states only. */
  states?: readonly string[];
  /** Roles that it may go to. */
  roles: readonly MailRole[];
  on: boolean;
  when: MailWhen;
  conditions: readonly MailCondition[];
  late: MailLate | null;
};

const byCause = {
  planned: "cause",
  optional: false,
  on: true,
  when: { at: "cause" },
  conditions: [],
  late: null,
} as const;
const toAttendee = { ...byCause, roles: ["attendee"] } as const;
const toManager = { roles: ["account_manager"], planned: "members", optional: true, on: true } as const;
const staff = ["presenter", "solutions_architect", "admin"] as const;

/** The defaults, in the order in which a workshop sends them. The first role is the one that gets it. */
export const defaultRules = {
  invitation_kit: {
    ...byCause,
    kind: "invitation_kit",
    optional: true,
    roles: ["account_manager"],
    cause: "when registration opens, or they join later",
  },
  nudge_seats: {
    ...toManager,
    kind: "nudge_seats",
    when: { at: "days", anchor: "start", days: -7, time: "10:00" },
    conditions: ["seats_left", "registration_open"],
    late: { by: "minutes", minutes: 720 },
  },
  nudge_closing: {
    ...toManager,
    kind: "nudge_closing",
    when: { at: "days", anchor: "registration_closes", days: -1, time: "10:00" },
    conditions: ["seats_left", "registration_open"],
    late: { by: "anchor", anchor: "registration_closes" },
  },
  confirm_address: { ...toAttendee, kind: "confirm_address", cause: "when somebody registers" },
  confirmed: { ...toAttendee, kind: "confirmed", cause: "when they confirm and get a seat" },
  waitlisted: { ...toAttendee, kind: "waitlisted", cause: "when they confirm and no seat is free" },
  offered: { ...toAttendee, kind: "offered", cause: "when a seat is offered to the next on the waitlist" },
  promoted: { ...toAttendee, kind: "promoted", cause: "when a free seat goes to the next on the waitlist" },
  changed: { ...toAttendee, kind: "changed", cause: "when time, place, title or agenda change" },
  registration_cancelled: { ...toAttendee, kind: "registration_cancelled", cause: "when a registration is cancelled" },
  workshop_cancelled: { ...toAttendee, kind: "workshop_cancelled", cause: "when the workshop is cancelled" },
  reminder: {
    kind: "reminder",
    planned: "seat",
    optional: true,
    states: ["confirmed"],
    roles: ["attendee"],
    on: true,
    when: { at: "days", anchor: "start", days: -2, time: "09:00" },
    conditions: [],
    late: { by: "anchor", anchor: "start" },
  },
  accounts_missing: {
    ...byCause,
    kind: "accounts_missing",
    roles: ["presenter"],
    cause: "when the workshop opens with too few accounts",
  },
  access_ready: { ...toAttendee, kind: "access_ready", cause: "when their account is ready" },
  waiting_for_account: {
    ...toAttendee,
    kind: "waiting_for_account",
    cause: "when the workshop opens with too few accounts",
  },
  budget_reached: {
    ...byCause,
    kind: "budget_reached",
    roles: ["presenter", "admin"],
    cause: "when an account reaches 80 % or all of its budget",
  },
  ending_soon: {
    kind: "ending_soon",
    planned: "seat",
    optional: true,
    states: ["confirmed", "attended"],
    roles: ["attendee"],
    on: true,
    when: { at: "minutes", anchor: "end", minutes: -60 },
    conditions: ["has_sandbox"],
    late: { by: "anchor", anchor: "end" },
  },
  thanks: {
    ...toAttendee,
    kind: "thanks",
    planned: "closing",
    optional: true,
    states: ["confirmed", "attended"],
    cause: "when the workshop is closed",
    late: { by: "minutes", minutes: 10_080 },
  },
  certificate: {
    ...toAttendee,
    kind: "certificate",
    planned: "closing",
    optional: true,
    states: ["attended"],
    cause: "when the workshop is closed",
    late: { by: "minutes", minutes: 10_080 },
  },
  cleanup_report: {
    ...byCause,
    kind: "cleanup_report",
    planned: "closing",
    optional: true,
    roles: staff,
    cause: "when every account is back or quarantined",
  },
  machines_stopped: {
    ...byCause,
    kind: "machines_stopped",
    optional: true,
    roles: ["admin"],
    cause: "when every machine that emptied its accounts has stopped",
  },
  quarantine_alarm: {
    ...byCause,
    kind: "quarantine_alarm",
    ofTeam: true,
    optional: true,
    roles: ["admin"],
    cause: "when an account is quarantined",
  },
  digest_account_managers: {
    kind: "weekly_digest",
    planned: "week",
    ofTeam: true,
    optional: true,
    roles: ["account_manager"],
    on: true,
    when: { at: "weekly", weekday: 1, time: "08:00" },
    conditions: [],
    late: { by: "minutes", minutes: 1440 },
  },
  digest_architects: {
    kind: "weekly_digest",
    planned: "week",
    ofTeam: true,
    optional: true,
    roles: ["solutions_architect"],
    on: true,
    when: { at: "weekly", weekday: 1, time: "08:00" },
    conditions: [],
    late: { by: "minutes", minutes: 1440 },
  },
} as const satisfies Record<string, RuleDefault>;

export type DefaultKey = keyof typeof defaultRules;
const defaultKeys = Object.keys(defaultRules) as DefaultKey[];

/** Where a rule's words come from. */
export type RuleSource = "default" | "team" | "workshop";

/** A rule as it holds, for a team or for one workshop. */
export type MailRuleNow = {
  /** A key of `defaultRules`, or one with a part of its own after a dot for a rule made beside it. */
  key: string;
  base: DefaultKey;
  kind: MailKind;
  planned: Planned;
  on: boolean;
  when: MailWhen;
  audience: MailAudienceOf;
  conditions: MailCondition[];
  late: MailLate | null;
  /** The nearest level that says something of its own. */
  source: RuleSource;
};

/** A row of MailRule, as far as rules read it. */
export type RuleRow = { key: string; scope: string; settings: unknown };

/** The rule of the code behind a key; null for a key that this version does not know. */
export function baseOf(key: string): DefaultKey | null {
  const base = key.split(".")[0] ?? "";
  return Object.hasOwn(defaultRules, base) ? (base as DefaultKey) : null;
}

/** The definition behind a key, typed as one. */
export function definitionOf(base: DefaultKey): RuleDefault {
  return defaultRules[base];
}

/** The rule as the code has it. */
function defaultRule(key: string, base: DefaultKey): MailRuleNow {
  const { kind, planned, on, when, conditions, late, roles, states = [] } = definitionOf(base);
  const audience = { role: roles[0] ?? "attendee", states: [...states], memberIds: [], locales: [] };
  return { key, base, kind, planned, on, when, audience, conditions: [...conditions], late, source: "default" };
}

/** What a row says; nothing where this version cannot read it. */
function settingsOf(row: RuleRow | undefined): RuleSettings {
  return ruleSettings.safeParse(row?.settings ?? {}).data ?? {};
}

/** A rule with what a level says instead. */
export function withSettings(rule: MailRuleNow, settings: RuleSettings, source: RuleSource): MailRuleNow {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return Object.keys(given).length === 0 ? rule : { ...rule, ...given, source };
}

/** One rule as it holds, from the rows of its team and (not for the team's defaults) of a workshop. */
export function ruleNow(key: string, rows: readonly RuleRow[], workshopId: string | null): MailRuleNow | null {
  const base = baseOf(key);
  if (!base) return null;
  const row = (scope: string) => settingsOf(rows.find((one) => one.key === key && one.scope === scope));
  const ofTeam = withSettings(defaultRule(key, base), row("team"), "team");
  return workshopId ? withSettings(ofTeam, row(workshopId), "workshop") : ofTeam;
}

/** All rules as they hold: those of the code, each followed by the ones made beside it. */
export function rulesNow(rows: readonly RuleRow[], workshopId: string | null): MailRuleNow[] {
  const scopes = new Set(["team", workshopId]);
  const known = new Set(rows.filter((row) => scopes.has(row.scope)).map((row) => row.key));
  return defaultKeys.flatMap((base) => {
    const beside = [...known].filter((key) => key !== base && baseOf(key) === base).sort();
    return [base, ...beside].flatMap((key) => ruleNow(key, rows, workshopId) ?? []);
  });
}

/** Why settings make no rule of this sort; null when they do. What the mail says must be true of whom it goes to. */
export function problemOf(base: DefaultKey, rule: MailRuleNow): { field: string; problem: string } | null {
  const definition = definitionOf(base);
  if (!rule.on && !definition.optional)
    return { field: "on", problem: "People need this mail: it cannot be turned off." };
  const same = JSON.stringify(rule.when) === JSON.stringify(definition.when);
  if (definition.planned === "cause" && !same)
    return { field: "when", problem: "This mail goes at once: what it tells of has no other time." };
  if (definition.planned === "week" && rule.when.at !== "weekly")
    return { field: "when", problem: "This mail goes once a week." };
  if (
    (definition.planned === "seat" || definition.planned === "members") &&
    !["days", "minutes"].includes(rule.when.at)
  )
    return { field: "when", problem: "Choose a time on the workshop's calendar." };
  if (definition.planned === "closing" && !same && !laterThanEnd(rule.when))
    return { field: "when", problem: "It goes once the workshop is closed, or some time after its end." };
  if (!definition.roles.includes(rule.audience.role))
    return { field: "audience", problem: "This mail is not written for that role." };
  const { states } = rule.audience;
  const allowed = definition.states ?? [];
  if (states.some((state) => !allowed.includes(state)) || (allowed.length > 0 && states.length === 0))
    return { field: "audience", problem: "Choose at least one of the states that this mail is true for." };
  return null;
}

function laterThanEnd(when: MailWhen): boolean {
  if (when.at === "days") return when.anchor === "end" && when.days >= 0;
  return when.at === "minutes" && when.anchor === "end" && when.minutes >= 0;
}
