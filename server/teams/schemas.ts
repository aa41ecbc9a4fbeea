import { z } from "zod";
import { emailSchema } from "@/server/identity/schemas";

/** What the forms of a team hold. Pure: pages and the command line check with the same schemas. */

export const roleSchema = z.enum(["account_manager", "solutions_architect", "admin"]);

const name = (most: number) =>
  z
    .string()
    .trim()
    .min(1, "Type a name.")
    .max(most, `No more than ${most} characters.`)
    .refine((text) => !/\p{Cc}/u.test(text), "A name is one line of text.");

function knownZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return /^[A-Za-z]/.test(zone);
  } catch {
    return false;
  }
}

function knownLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag)[0] === tag;
  } catch {
    return false;
  }
}

/** Contrast of a colour with white (WCAG 2.2, 1.4.3), from 1 to 21. */
function contrastWithWhite(hex: string): number {
  const light = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * light[0]! + 0.7152 * light[1]! + 0.0722 * light[2]! + 0.05);
}

const days = (most: number) =>
  z.coerce
    .number("Type a number of days.")
    .int("Whole days only.")
    .min(0, "Not less than 0.")
    .max(most, `No more than ${most} days.`);

/** "aws+{n}@example.com": an address (64 characters at most, as AWS takes them) with {n} before the @; "" = none. */
const accountEmailPattern = z
  .string()
  .trim()
  .toLowerCase()
  .refine(
    (text) => text === "" || /^[^@{}]*\{n\}[^@{}]*@[^@{}]+$/.test(text),
    "Type an address with {n} once before the @, such as aws+{n}@example.com.",
  )
  .refine(
    (text) => text === "" || emailSchema.safeParse(text.replace("{n}", "1")).success,
    "With a number in place of {n} this is no e-mail address.",
  )
  .refine((text) => text.length <= 60, "No more than 60 characters.")
  .transform((text) => (text === "" ? null : text))
  .nullable();

/** Settings of a team, as an admin changes them. */
export const teamSettings = z.object({
  name: name(80),
  timeZone: z.string().refine(knownZone, "Choose a time zone, such as Europe/Madrid."),
  locale: z.string().refine(knownLocale, "Choose a language, such as en or es."),
  senderName: name(80),
  senderEmail: emailSchema,
  accentColor: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^#[0-9a-f]{6}$/, "Type a colour as #0f62c4.")
    .refine(
      (color) => contrastWithWhite(color) >= 4.5,
      "Too light: white text on it could not be read. Take a darker one.",
    ),
  anonymizeAfterDays: days(730),
  unverifiedDeleteDays: days(90),
  cancelledAnonymizeDays: days(365),
  cooldownHours: z.coerce
    .number("Type a number of hours.")
    .int("Whole hours only.")
    .min(0, "Not less than 0.")
    .max(720, "No more than 720 hours."),
  accountEmailPattern,
});
export type TeamSettings = z.output<typeof teamSettings>;

/** A new member. The name counts only for an address that nobody signs in with yet. */
export const newMember = z.object({ email: emailSchema, name: name(120), role: roleSchema });
export type NewMember = z.output<typeof newMember>;

export const memberId = z.object({ memberId: z.string() });
export const memberRole = z.object({ memberId: z.string(), role: roleSchema });

/** What an operator says to make a team. */
export const newTeam = z.object({
  name: name(80),
  slug: z.string().regex(/^[a-z][a-z0-9-]{1,30}$/, "A slug has 2 to 31 of a–z, 0–9 and -, and begins with a letter."),
  timeZone: teamSettings.shape.timeZone,
  locale: teamSettings.shape.locale.default("en"),
  senderName: name(80).optional(),
  senderEmail: emailSchema,
  adminEmail: emailSchema,
  adminName: name(120),
});
export type NewTeam = z.input<typeof newTeam>;
