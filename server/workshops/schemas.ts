import { z } from "zod";
import { questionForm, questionLimit, readDomain } from "@/server/registrations/schemas";

/** What a workshop's form holds; pure, shared by the wizard and the use cases. */

// Control characters and the marks that turn text around have no place in a title; tabs and line breaks do in an abstract.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is looking for
const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;
const clean = (text: string) => text.normalize("NFC").replace(hidden, "").trim();

const text = (limit: number, what: string) =>
  z
    .string()
    .transform(clean)
    .pipe(z.string().max(limit, `${what} has more than ${limit} characters`));
/** One line: it may stand in the subject of a mail or in a calendar entry, where a line break would begin something new. */
const line = (limit: number, what: string) =>
  z
    .string()
    .transform((typed) => clean(typed.replace(/\s+/g, " ")))
    .pipe(z.string().max(limit, `${what} has more than ${limit} characters`));
const lines = (limit: number, what: string) =>
  z
    .array(line(200, what))
    .max(limit, `No more than ${limit} lines`)
    .transform((all) => all.filter((text) => text !== ""));

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Write the time as 09:30");
const calendarDate = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, "Choose a date")
  .refine((text) => {
    const year = Number(text.slice(0, 4));
    // Date moves 30 February on to March: a day that does not come back as it was typed is none.
    const day = new Date(`${text}T00:00:00Z`);
    const exists = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
    return year >= 2000 && year <= 2100 && exists;
  }, "Choose a date between 2000 and 2100");

const domainField = z.string().transform((typed, issues) => {
  const domain = readDomain(typed);
  if (domain) return domain;
  issues.addIssue({ code: "custom", message: `“${clean(typed).slice(0, 60)}” is no domain: write it as acme.com` });
  return z.NEVER;
});

function knownZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

export const agendaItem = z.object({
  startsAt: clockTime,
  title: line(200, "The title").pipe(z.string().min(1, "Give this point of the agenda a title")),
  description: text(1000, "The description").default(""),
});
export type AgendaItem = z.infer<typeof agendaItem>;

/** Kinds of calendar to subscribe to: what a member presents, what an account manager invites to, all of the team. */
export const calendarFeedScopes = ["presenting", "inviting", "team"] as const;
export type CalendarFeedScope = (typeof calendarFeedScopes)[number];

/** The languages that invitations and mails can be in. */
export const languages = { en: "English", es: "Español", pt: "Português", it: "Italiano", fr: "Français" } as const;

const webLink = z
  .string()
  .trim()
  .max(1000, "The link has more than 1,000 characters")
  .refine((text) => text === "" || /^https?:\/\/[^\s]+$/.test(text), "Write the link with https://")
  .default("");

export const workshopForm = z
  .object({
    title: line(120, "The title").pipe(z.string().min(1, "Give the workshop a title")),
    abstract: text(4000, "The abstract").default(""),
    outcomes: lines(12, "An outcome").default([]),
    bring: lines(12, "A line").default([]),
    agenda: z.array(agendaItem).max(40, "No more than 40 points").default([]),
    /** One calendar event for each point of the agenda, not one block. */
    calendarItems: z.boolean().default(false),
    /** For those who were there: on their page and in the mail when it is closed. */
    surveyUrl: webLink,
    materialsUrl: webLink,
    place: line(300, "The place").default(""),
    link: webLink,
    date: calendarDate.nullable().default(null),
    startTime: clockTime.nullable().default(null),
    endTime: clockTime.nullable().default(null),
    /** Last day, where it is not the first. */
    endDate: calendarDate.nullable().default(null),
    timeZone: z.string().refine(knownZone, "Choose a time zone from the list"),
    capacity: z.coerce
      .number("Write a number")
      .int("Write a whole number")
      .min(1, "At least one seat")
      .max(5000, "No more than 5,000 seats"),
    languages: z
      .array(z.enum(Object.keys(languages) as [keyof typeof languages]))
      .min(1, "Choose a language")
      .default(["en"]),
    sandboxProfileId: z.string().nullable().default(null),
    /** When the form of its invitations is there, on the workshop's clock; null = from the opening of registration, to the end. */
    registrationOpensDate: calendarDate.nullable().default(null),
    registrationOpensTime: clockTime.nullable().default(null),
    registrationClosesDate: calendarDate.nullable().default(null),
    registrationClosesTime: clockTime.nullable().default(null),
    /** Hours before the start at which registration ends. */
    minimumNoticeHours: z.coerce
      .number("Write a number")
      .int("Write a whole number")
      .min(0, "0 or more")
      .max(720, "No more than 720 hours (30 days)")
      .default(0),
    /** Who says yes before a registration takes a seat; null = nobody has to. */
    approvalBy: z.enum(["account_manager", "solutions_architect"]).nullable().default(null),
    /** E-mail domains that may register, and those below them; none = all. */
    allowedDomains: z
      .array(domainField)
      .max(50, "No more than 50 domains")
      .transform((all) => [...new Set(all)])
      .default([]),
    /** What is asked besides name and address; not given = as it is. */
    questions: z.array(questionForm).max(questionLimit, `No more than ${questionLimit} questions`).optional(),
    /** Hours for which a seat that became free is offered to the next on the waitlist; null = it is theirs at once. */
    offerHours: z.coerce
      .number("Write a number")
      .int("Write a whole number")
      .min(2, "At least 2 hours")
      .max(336, "No more than 336 hours (two weeks)")
      .nullable()
      .default(null),
    /** Accounts kept free for swaps while the workshop is open. */
    spares: z.coerce
      .number("Write a number")
      .int("Write a whole number")
      .min(0, "0 or more")
      .max(5000, "No more than 5,000")
      .default(0),
    /** Accounts are made ready so long before the start; null = at the opening. */
    prewarmMinutes: z.coerce
      .number("Write a number")
      .int("Write a whole number")
      .min(5, "At least 5 minutes before")
      .max(1440, "No more than 1,440 minutes (a day) before")
      .nullable()
      .default(null),
    presenterIds: z.array(z.string()).max(20, "No more than 20 presenters").default([]),
    accountManagers: z
      .array(z.object({ memberId: z.string(), seatLimit: z.coerce.number().int().min(0).max(5000).nullable() }))
      .max(200)
      .default([]),
    opensMinutesBefore: z.coerce.number().int().min(0).max(10_080, "No more than a week before").nullable().default(30),
    closesHoursAfter: z.coerce.number().int().min(0).max(720, "No more than 30 days after").nullable().default(2),
  })
  .superRefine((form, issue) => {
    if (form.spares > form.capacity)
      issue.addIssue({ code: "custom", path: ["spares"], message: "No more spare accounts than seats" });
  })
  .superRefine((form, issue) => {
    const wrong = (path: string, message: string) => issue.addIssue({ code: "custom", path: [path], message });
    const { registrationOpensDate: opensDate, registrationClosesDate: closesDate } = form;
    const { registrationOpensTime: opensTime, registrationClosesTime: closesTime } = form;
    if (opensDate && !opensTime) wrong("registrationOpensTime", "Write the time too");
    if (opensTime && !opensDate) wrong("registrationOpensDate", "Choose the day too");
    if (closesDate && !closesTime) wrong("registrationClosesTime", "Write the time too");
    if (closesTime && !closesDate) wrong("registrationClosesDate", "Choose the day too");
    const last = form.endDate ?? form.date;
    const closes = closesDate && closesTime && `${closesDate}T${closesTime}`;
    if (closes && opensDate && opensTime && `${opensDate}T${opensTime}` >= closes)
      wrong("registrationClosesTime", "Registration must close after it opens");
    if (opensDate && last && opensDate > last) wrong("registrationOpensDate", "The workshop is over by then");
    if (closesDate && last && closesDate > last) wrong("registrationClosesDate", "The workshop is over by then");
  })
  .superRefine((form, issue) => {
    if (!form.date || !form.startTime || !form.endTime) return;
    const last = form.endDate ?? form.date;
    if (last < form.date)
      issue.addIssue({ code: "custom", path: ["endDate"], message: "The last day is before the first" });
    else if (last === form.date && form.endTime <= form.startTime)
      issue.addIssue({ code: "custom", path: ["endTime"], message: "The end must be after the start" });
    else if (Date.parse(last) - Date.parse(form.date) > 31 * 86_400_000)
      issue.addIssue({ code: "custom", path: ["endDate"], message: "A workshop lasts no more than 31 days" });
  });

export type WorkshopForm = z.output<typeof workshopForm>;
export type WorkshopFormInput = z.input<typeof workshopForm>;
