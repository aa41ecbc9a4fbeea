import { z } from "zod";

/**
 * Mail rules as they are typed, stored and read: when, to whom, on what condition, until when; and each of them in words.
 * Pure, shared by the screens and the use cases.
 */

/** What a time is counted from, on the workshop's own calendar. */
export const anchors = ["start", "end", "registration_opens", "registration_closes"] as const;
export type Anchor = (typeof anchors)[number];

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Write the time as 09:30");
const whole = z.coerce.number("Write a number").int("Write a whole number");

/**
 * When a mail goes. `cause`: at once, when what it tells of happens. `days`: so many calendar days from the anchor's day
 * (negative: before) at a time of the workshop's clock. `minutes`: elapsed minutes from the anchor (negative: before).
 * `weekly`: each week at a time of the team's clock, Monday = 1.
 */
export const mailWhen = z.discriminatedUnion("at", [
  z.object({ at: z.literal("cause") }),
  z.object({
    at: z.literal("days"),
    anchor: z.enum(anchors),
    days: whole.min(-60, "No more than 60 days before").max(60, "No more than 60 days after"),
    time: clockTime,
  }),
  z.object({
    at: z.literal("minutes"),
    anchor: z.enum(anchors),
    minutes: whole.min(-1440, "No more than a day before: count in days").max(1440, "No more than a day after"),
  }),
  z.object({ at: z.literal("weekly"), weekday: whole.min(1).max(7), time: clockTime }),
]);
export type MailWhen = z.output<typeof mailWhen>;

export const mailRoles = ["attendee", "account_manager", "presenter", "solutions_architect", "admin"] as const;
export type MailRole = (typeof mailRoles)[number];

/** To whom; an empty list means all. `states`: of the registration, `memberIds`: whose attendees or which of the members. */
export const mailAudience = z.object({
  role: z.enum(mailRoles),
  states: z.array(z.string().max(40)).max(10),
  memberIds: z.array(z.string().max(60)).max(200),
  locales: z.array(z.string().max(10)).max(20),
});
export type MailAudienceOf = z.output<typeof mailAudience>;

export const mailConditions = [
  "has_sandbox",
  "has_place",
  "has_link",
  "has_survey",
  "registration_open",
  "seats_left",
  "someone_waits",
] as const;
export type MailCondition = (typeof mailConditions)[number];

/** Until when it still makes sense: so many minutes after its time, or the moment of an anchor. Later it is not sent. */
export const mailLate = z.discriminatedUnion("by", [
  z.object({
    by: z.literal("minutes"),
    minutes: whole.min(5, "At least 5 minutes").max(20_160, "No more than 14 days"),
  }),
  z.object({ by: z.literal("anchor"), anchor: z.enum(anchors) }),
]);
export type MailLate = z.output<typeof mailLate>;

/** What a team or a workshop says about a rule; what is left out is said by the level above. */
export const ruleSettings = z
  .object({
    on: z.boolean(),
    when: mailWhen,
    audience: mailAudience,
    conditions: z.array(z.enum(mailConditions)).max(mailConditions.length),
    late: mailLate.nullable(),
  })
  .partial();
export type RuleSettings = z.output<typeof ruleSettings>;

// --- In words --------------------------------------------------------------------------------------------------------

const anchorWords: Record<Anchor, string> = {
  start: "the start",
  end: "the end",
  registration_opens: "registration opens",
  registration_closes: "registration closes",
};

/** "the start", "registration closes". */
export function wordsOfAnchor(anchor: Anchor): string {
  return anchorWords[anchor];
}

const weekdays = ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"];

function counted(count: number, one: string, many: string): string {
  return count === 1 ? one : `${count} ${many}`;
}

function spanWords(minutes: number): string {
  if (minutes % 1440 === 0) return counted(minutes / 1440, "24 hours", "days");
  if (minutes % 60 === 0) return counted(minutes / 60, "1 hour", "hours");
  return counted(minutes, "1 minute", "minutes");
}

/** "2 days before the start, at 09:00", "1 hour before the end", "on Mondays at 08:00"; `cause` says when it happens. */
export function wordsOfWhen(when: MailWhen, cause: string): string {
  if (when.at === "cause") return cause;
  if (when.at === "weekly") return `on ${weekdays[when.weekday - 1] ?? weekdays[0]} at ${when.time}`;
  const anchor = anchorWords[when.anchor];
  if (when.at === "minutes") {
    if (when.minutes === 0) return when.anchor.startsWith("registration") ? `when ${anchor}` : `at ${anchor}`;
    return `${spanWords(Math.abs(when.minutes))} ${when.minutes < 0 ? "before" : "after"} ${anchor}`;
  }
  const days = Math.abs(when.days);
  if (days === 0)
    return `on the day ${when.anchor.startsWith("registration") ? "when" : "of"} ${anchor}, at ${when.time}`;
  return `${counted(days, "1 day", "days")} ${when.days < 0 ? "before" : "after"} ${anchor}, at ${when.time}`;
}

const conditionWords: Record<MailCondition, string> = {
  has_sandbox: "the workshop has AWS accounts",
  has_place: "the workshop has a place",
  has_link: "the workshop has a link",
  has_survey: "the workshop has a survey",
  registration_open: "registration is open",
  seats_left: "the account manager has seats left",
  someone_waits: "somebody is on the waitlist",
};

/** "registration is open": a condition as it follows "only if". */
export function wordsOfCondition(condition: MailCondition): string {
  return conditionWords[condition];
}

/** "not later than 12 hours after its time"; null where it goes as long as it is true. */
export function wordsOfLate(late: MailLate | null): string | null {
  if (!late) return null;
  if (late.by === "minutes") return `not later than ${spanWords(late.minutes)} after its time`;
  return late.anchor.startsWith("registration")
    ? `not once ${anchorWords[late.anchor]}`
    : `not after ${anchorWords[late.anchor]}`;
}

const roleWords: Record<MailRole, string> = {
  attendee: "Attendees",
  account_manager: "Account managers",
  presenter: "Presenters",
  solutions_architect: "Solutions architects",
  admin: "Admins",
};

/** Registration states as they follow "Attendees". */
const stateWords: Record<string, string> = {
  confirmed: "with a seat",
  attended: "who came",
  no_show: "who did not come",
  waitlisted: "on the waitlist",
  offered: "with an offer",
};

/** The word of a registration state in an audience, e.g. "with a seat". */
export function wordsOfState(state: string): string {
  return stateWords[state] ?? state;
}

const list = (words: readonly string[], type: "conjunction" | "disjunction" = "disjunction") =>
  new Intl.ListFormat("en-GB", { type }).format(words);

/** "Attendees with a seat, of Ana Ruiz, in Español". `names` maps member ids, `languages` tags, to words. */
export function wordsOfAudience(
  audience: MailAudienceOf,
  names: Readonly<Record<string, string>>,
  languages: Readonly<Record<string, string>>,
): string {
  const { role, states, memberIds, locales } = audience;
  const who = role === "attendee" && states.length > 0 ? ` ${list(states.map(wordsOfState))}` : "";
  const people = memberIds.map((id) => names[id] ?? "somebody who left");
  const whose =
    people.length === 0 ? "" : role === "attendee" ? `, of ${list(people)}` : `: ${list(people, "conjunction")}`;
  const spoken = locales.length === 0 ? "" : `, in ${list(locales.map((tag) => languages[tag] ?? tag))}`;
  return `${roleWords[role]}${who}${whose}${spoken}`;
}
