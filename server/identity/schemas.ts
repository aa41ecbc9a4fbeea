import { z } from "zod";

/** What people type to get in. Pure: the pages check with the same schemas. */

/** An address as it is compared and stored: trimmed, lower case (RFC 5321 allows 254 characters). */
export const emailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .min(1, "Type an e-mail address.")
  .max(254, "This is too long for an e-mail address.")
  .pipe(z.email("This does not look like an e-mail address: name@company.com."));

/** A code as people type or paste it: spaces and dashes between the digits do no harm. */
export const codeSchema = z
  .string()
  .max(40, "Type the digits of the code only.")
  .transform((text) => text.replace(/[\s-]/g, ""))
  .pipe(z.string().regex(/^\d{4,10}$/, "Type the digits of the code."));
