import { z } from "zod";

/** What people may type into the public forms, cleaned and checked. Pure: also imported by client components. */

/** Control characters, and invisible direction switches, which can make a name read as something else. */
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]/gu;

/**
 * One line of text as it is kept: well-formed, NFC, without control or direction characters, single spaces, trimmed. Emoji,
 * every script and joiners stay; markup is text like any other.
 */
export function cleanLine(text: string): string {
  return text
    .toWellFormed()
    .replaceAll("\ufffd", "")
    .replace(/\s+/g, " ")
    .replace(unprintable, "")
    .normalize("NFC")
    .trim();
}

function line(what: string, longest: number, missing?: string) {
  return z
    .string({ error: missing ?? `Enter ${what}.` })
    .transform(cleanLine)
    .superRefine((text, issues) => {
      if (text === "" && missing) issues.addIssue({ code: "custom", message: missing });
      const length = [...text].length;
      if (length > longest)
        issues.addIssue({
          code: "custom",
          message: `Shorten ${what} to ${longest} characters; it has ${length.toLocaleString("en")}.`,
        });
    });
}

const optionalLine = (what: string, longest: number) => line(what, longest).optional().default("");
const localPart = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const domainName = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{2,59})$/;

/** An e-mail domain in the letters that mail travels with (IDNA): "müller.example" → "xn--mller-kva.example". */
function asciiDomain(domain: string): string {
  if (/^[a-z0-9.-]*$/.test(domain)) return domain;
  if (/[\s/?#@:\\[\]%]/.test(domain) || !URL.canParse(`http://${domain}`)) return "";
  return new URL(`http://${domain}`).hostname;
}

/**
 * An address that mail can be sent to (the dot-atom form of RFC 5321 §4.1.2, domain in IDNA letters), in lower case, or
 * the reason why not.
 */
export function readEmail(typed: string): { email: string } | { problem: string } {
  const text = typed.trim().normalize("NFC").toLowerCase();
  if (text === "") return { problem: "Enter your e-mail address." };
  if (text.length > 254) return { problem: "This address is longer than an e-mail address can be." };
  const example = "Check the address: it looks like name@company.com.";
  const parts = text.split("@");
  const [local = "", domain = ""] = parts;
  if (parts.length !== 2 || local === "" || domain === "") return { problem: example };
  if (/[^\x20-\x7e]/.test(local))
    return { problem: "Before the @, mail reaches plain letters only: no accents and no other scripts." };
  const ascii = asciiDomain(domain);
  if (local.length > 64 || !localPart.test(local) || !domainName.test(ascii)) return { problem: example };
  return { email: `${local}@${ascii}` };
}

export const emailField = z.string({ error: "Enter your e-mail address." }).transform((typed, issues) => {
  const read = readEmail(typed.slice(0, 1000));
  if ("email" in read) return read.email;
  issues.addIssue({ code: "custom", message: read.problem });
  return z.NEVER;
});

/** A ticked box is sent as "on", an empty one not at all. */
const checkbox = z
  .union([z.boolean(), z.string()])
  .optional()
  .transform((value) => value === true || value === "on" || value === "true");

const details = {
  name: line("your name", 120, "Enter your name."),
  company: line("the company's name", 120, "Enter your company."),
  jobTitle: optionalLine("your role", 120),
  followUp: checkbox,
};

/** What is asked of somebody at the door, in the words of whoever writes it down. */
export const walkInDetails = {
  name: line("the name", 120, "Enter the name."),
  company: line("the company's name", 120, "Enter the company."),
};

/** The form of an invitation. `timeZone` comes from a hidden field and is dropped when it is no zone. */
export const registrationForm = z.object({
  ...details,
  email: emailField,
  locale: z
    .string()
    .regex(/^[a-z]{2}(-[A-Za-z]{2,4})?$/)
    .catch("en"),
  timeZone: z.string().max(64).optional().catch(undefined),
});
export type RegistrationForm = z.output<typeof registrationForm>;
export type RegistrationFormInput = z.input<typeof registrationForm>;

/** What an attendee may change about themselves; the address is what the registration hangs on and stays. */
export const myDataForm = z.object(details);

/** A code as people type it: digits, with spaces or dashes between. */
export const codeField = z
  .string({ error: "Enter the code." })
  .transform((typed) => typed.slice(0, 100).replace(/[\s-]/g, ""))
  .refine((code) => /^\d{4,10}$/.test(code), "The code has digits only.");
