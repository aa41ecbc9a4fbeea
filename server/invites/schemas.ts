import { z } from "zod";
import { cleanLine } from "@/server/registrations/schemas";

/** What members may say about an invite. Pure. */

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

export const newInvite = z.object({
  workshopId: z.string(),
  /** The account manager whose link it is; an account manager makes their own only. */
  memberId: z.string().optional(),
  /** Empty = the account manager's own link, to be shared with anybody. */
  customerName: text("the customer's name", 120).optional(),
  seatLimit: seatLimit.nullish(),
  expiresAt: z.coerce.date({ error: "Enter a date and a time." }).nullish(),
  note: text("the note", 500).optional(),
});
export type NewInvite = z.input<typeof newInvite>;

export const inviteRevocation = z.object({
  inviteId: z.string(),
  reason: text("the reason", 300).pipe(z.string().min(1, "Say why, for the history.")),
});
