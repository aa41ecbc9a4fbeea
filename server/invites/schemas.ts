import { z } from "zod";
import { languages } from "@/server/languages/kinds";
import { cleanLine, readEmail } from "@/server/registrations/schemas";

/** What members may say about an invite. Pure: also imported by client components. */

const seatLimit = z
  .number({ error: "Enter a number of seats." })
  .int("Seats are whole numbers.")
  .min(1, "A link needs at least one seat.")
  .max(100_000, "That is more seats than any workshop has.");

const text = (what: string, longest: number) =>
  z
    .string()
    .transform(cleanLine)
    .refine((line) => [...line].length <= longest, `Shorten ${what} to ${longest} characters.`);

const shared = {
  workshopId: z.string(),
  /** The account manager whose link it is; an account manager makes their own only. */
  memberId: z.string().optional(),
  /** Empty = for anybody. */
  customerName: text("the customer's name", 120).optional(),
  expiresAt: z.coerce.date({ error: "Enter a date and a time." }).nullish(),
  note: text("the note", 500).optional(),
  locale: z.enum(languages, "Choose a language.").default("en"),
};

/** An address that is mailed to: in lower case, or why it is none. */
export const inviteeEmail = z.string().transform((typed, issues) => {
  const read = readEmail(typed.slice(0, 1000));
  if ("email" in read) return read.email;
  issues.addIssue({ code: "custom", message: read.problem });
  return z.NEVER;
});
const inviteeName = text("the name", 120);

export const newInvite = z.object({ ...shared, seatLimit: seatLimit.nullish() });
export type NewInvite = z.input<typeof newInvite>;

/** A link for one address, mailed to it at once or kept to be handed over. */
export const newPersonalInvite = z.object({
  ...shared,
  email: inviteeEmail,
  name: inviteeName.default(""),
  send: z.boolean().default(true),
});
export type NewPersonalInvite = z.input<typeof newPersonalInvite>;

export const inviteChange = z.object({
  inviteId: z.string(),
  expiresAt: z.coerce.date({ error: "Enter a date and a time." }).nullable(),
  note: text("the note", 500),
  /** Null for none; left out where it stays. */
  seatLimit: seatLimit.nullish(),
  /** Left out where it stays. */
  locale: z.enum(languages, "Choose a language.").optional(),
});
export type InviteChange = z.input<typeof inviteChange>;

export const readyTextWish = z.object({ inviteId: z.string(), language: z.enum(languages).optional() });
export type ReadyTextWish = z.input<typeof readyTextWish>;

/** Seats that an account manager or a customer may hold; null for no limit of their own, 0 for none at all. */
const quota = z
  .number({ error: "Enter a number of seats." })
  .int("Seats are whole numbers.")
  .min(0, "Seats cannot be fewer than none.")
  .max(100_000, "That is more seats than any workshop has.")
  .nullable();

/** New limits, each with the one that was seen when it was decided. */
export const quotaChange = z.object({
  workshopId: z.string(),
  members: z
    .array(z.object({ id: z.string(), from: quota, to: quota }))
    .max(500)
    .default([]),
  /** A customer by name, since one may get a limit before anything else. */
  customers: z
    .array(
      z.object({
        name: text("the customer's name", 120).pipe(z.string().min(1, "Name the customer.")),
        from: quota,
        to: quota,
      }),
    )
    .max(500)
    .default([]),
});
export type QuotaChange = z.input<typeof quotaChange>;

export const inviteRevocation = z.object({
  inviteId: z.string(),
  reason: text("the reason", 300).pipe(z.string().min(1, "Say why, for the history.")),
});

/** A list of addresses as text. The longest is 5,000 lines of 180 bytes: what a server action takes at once is 1 MB. */
export const listLimits = { lines: 5000, bytes: 900_000 } as const;

/** Why a list is not read at all, in words; null when it is short enough. */
export function listTooLong(list: string): string | null {
  if (list.length > listLimits.bytes || new TextEncoder().encode(list).length > listLimits.bytes) {
    const lines = list.split(/\r\n|\r|\n/).length;
    return `This list has ${lines.toLocaleString("en")} lines, which is more than can be read at once. Send at most ${listLimits.lines.toLocaleString("en")} lines, with few columns.`;
  }
  return null;
}

export const addressList = z.object({
  ...shared,
  list: z.string().superRefine((list, issues) => {
    const message = listTooLong(list);
    if (message) issues.addIssue({ code: "custom", message });
  }),
  /** What was typed in place of a line, by its number; null leaves the line out. */
  corrections: z
    .record(
      z.string().max(7),
      z.object({ email: z.string().max(1000), name: z.string().max(1000), company: z.string().max(1000) }).nullable(),
    )
    .refine((lines) => Object.keys(lines).length <= listLimits.lines, "Correct the list itself: too many lines differ.")
    .default({}),
});
export type AddressListInput = z.input<typeof addressList>;

/**
 * The text of a file as spreadsheets write it: UTF-8, UTF-16 of either order (with a mark, or by its zeros), else Windows-1252,
 * which Latin-1 is a part of.
 */
export function decodeList(bytes: Uint8Array): string {
  const [first, second, third] = bytes;
  const read = (encoding: string) => new TextDecoder(encoding).decode(bytes);
  if (first === 0xff && second === 0xfe) return read("utf-16le");
  if (first === 0xfe && second === 0xff) return read("utf-16be");
  if (first === 0xef && second === 0xbb && third === 0xbf) return read("utf-8");
  const head = bytes.subarray(0, 2000);
  const zeros = (parity: number) => head.filter((byte, index) => byte === 0 && index % 2 === parity).length;
  if (zeros(1) > head.length / 4) return read("utf-16le");
  if (zeros(0) > head.length / 4) return read("utf-16be");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return read("windows-1252");
  }
}
