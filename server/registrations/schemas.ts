import { z } from "zod";
import { languageOf } from "@/server/languages/kinds";
import type { Say } from "@/server/languages/languages";

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

/** What a form says of it: in English here, by a key for readers of other languages. */
const saying = (key: Say["key"], values?: Say["values"]) => ({ params: { say: { key, values } satisfies Say } });

function line(what: string, longest: number, missing?: string, missingKey?: Say["key"]) {
  return z
    .string({ error: missing ?? `Enter ${what}.` })
    .transform(cleanLine)
    .superRefine((text, issues) => {
      if (text === "" && missing)
        issues.addIssue({ code: "custom", message: missing, ...(missingKey ? saying(missingKey) : {}) });
      const length = [...text].length;
      if (length > longest)
        issues.addIssue({
          code: "custom",
          message: `Shorten ${what} to ${longest} characters; it has ${length.toLocaleString("en")}.`,
          ...saying("too_long", { longest, length }),
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
export function readEmail(typed: string): { email: string } | { problem: string; key: Say["key"] } {
  const text = typed.trim().normalize("NFC").toLowerCase();
  if (text === "") return { problem: "Enter your e-mail address.", key: "email_missing" };
  if (text.length > 254) return { problem: "This address is longer than an e-mail address can be.", key: "email_long" };
  const example = { problem: "Check the address: it looks like name@company.com.", key: "email_example" } as const;
  const parts = text.split("@");
  const [local = "", domain = ""] = parts;
  if (parts.length !== 2 || local === "" || domain === "") return example;
  if (/[^\x20-\x7e]/.test(local))
    return {
      problem: "Before the @, mail reaches plain letters only: no accents and no other scripts.",
      key: "email_letters",
    };
  const ascii = asciiDomain(domain);
  if (local.length > 64 || !localPart.test(local) || !domainName.test(ascii)) return example;
  return { email: `${local}@${ascii}` };
}

export const emailField = z.string({ error: "Enter your e-mail address." }).transform((typed, issues) => {
  const read = readEmail(typed.slice(0, 1000));
  if ("email" in read) return read.email;
  issues.addIssue({ code: "custom", message: read.problem, ...saying(read.key) });
  return z.NEVER;
});

/** A ticked box is sent as "on", an empty one not at all. */
const checkbox = z
  .union([z.boolean(), z.string()])
  .optional()
  .transform((value) => value === true || value === "on" || value === "true");

const details = {
  name: line("your name", 120, "Enter your name.", "name_missing"),
  company: line("the company's name", 120, "Enter your company.", "company_missing"),
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
    .transform((tag) => languageOf(tag) ?? "en")
    .catch("en"),
  timeZone: z.string().max(64).optional().catch(undefined),
});
export type RegistrationForm = z.output<typeof registrationForm>;
export type RegistrationFormInput = z.input<typeof registrationForm>;

/** Whom an attendee asks to take over their seat, and in which language. */
export const handoverForm = z.object({
  name: details.name,
  email: emailField,
  locale: registrationForm.shape.locale,
});

/** The form of whoever takes over a seat: the address is the one that the link was sent to. */
export const colleagueForm = registrationForm.omit({ email: true });

/** What an attendee may change about themselves; the address is what the registration hangs on and stays. */
export const myDataForm = z.object(details);

/** A code as people type it: digits, with spaces or dashes between. */
export const codeField = z
  .string({ error: "Enter the code." })
  .transform((typed) => typed.slice(0, 100).replace(/[\s-]/g, ""))
  .refine((code) => /^\d{4,10}$/.test(code), {
    message: "The code has digits only.",
    ...saying("code_digits"),
  });

// --- Who may register ------------------------------------------------------------------------------------------------

/** An e-mail domain as somebody types it ("@Acme.com", "müller.example"), in the letters that mail travels with, or null. */
export function readDomain(typed: string): string | null {
  const ascii = asciiDomain(typed.trim().replace(/^@/, "").normalize("NFC").toLowerCase());
  return domainName.test(ascii) ? ascii : null;
}

/**
 * Whether an address may register: its domain is one of those allowed, or lies below one ("eu.acme.com" for "acme.com"; not
 * "notacme.com"). No domains: every address may. Both in lower case and IDNA letters, as readEmail and readDomain leave them.
 */
export function domainAllowed(allowed: readonly string[], email: string): boolean {
  const domain = email.slice(email.lastIndexOf("@") + 1);
  return allowed.length === 0 || allowed.some((one) => domain === one || domain.endsWith(`.${one}`));
}

// --- A workshop's own questions --------------------------------------------------------------------------------------

export const questionKinds = ["text", "choice", "number", "consent"] as const;
export type QuestionKind = (typeof questionKinds)[number];

/**
 * What the answers are, in terms of data protection. `none`: nothing about a person (a size, a preferred day); they stay as
 * figures once people are forgotten. `personal`: deleted when the attendee is anonymized. `sensitive` (Art. 9 GDPR: health,
 * belief; allergies too): the same, never required, and read by solutions architects and admins only.
 */
export const dataClasses = ["none", "personal", "sensitive"] as const;
export type DataClass = (typeof dataClasses)[number];

export const questionLimit = 20;
const longestAnswer = 500;

const optionLine = line("an option", 100);

/** A question as it is edited. `id` is null for a new one. Options count for a choice only. */
export const questionForm = z
  .object({
    id: z.string().max(60).nullable().default(null),
    kind: z.enum(questionKinds),
    label: line("the question", 200, "Write the question."),
    help: optionalLine("the explanation", 300),
    options: z
      .array(optionLine)
      .max(50, "No more than 50 options.")
      .default([])
      .transform((all) => all.filter((option) => option !== "")),
    required: z.boolean().default(false),
    dataClass: z.enum(dataClasses),
  })
  .superRefine((question, issues) => {
    const wrong = (path: string, message: string) => issues.addIssue({ code: "custom", path: [path], message });
    if (question.kind === "choice") {
      if (question.options.length < 2) wrong("options", "Write at least two options, one on each line.");
      else if (new Set(question.options).size < question.options.length)
        wrong("options", "Each option can stand there once.");
    }
    if (question.kind === "text" && question.dataClass === "none")
      wrong("dataClass", "People can write anything into a text, so it counts as personal data.");
    if (question.dataClass === "sensitive" && question.required)
      wrong("required", "Nobody has to tell what is sensitive: make it optional.");
  })
  .transform((question) => (question.kind === "choice" ? question : { ...question, options: [] }));
export type QuestionForm = z.output<typeof questionForm>;

/** What an answer is checked against. */
export type QuestionDefinition = {
  id: string;
  kind: QuestionKind;
  label: string;
  help: string;
  options: string[];
  required: boolean;
  dataClass: DataClass;
};

/** The value of an answer: text for a text or a choice, a number, true for consent; null where there is none. */
export type AnswerValue = string | number | true | null;
/** Answers by the id of their question. */
export type Answers = Record<string, AnswerValue>;

/** A decimal number as people write it, with a point or one comma, up to four decimals: what `Answer.number` can hold. */
function readNumber(typed: string): number | null {
  const text = typed.replace(/^([^.,]*),([^.,]*)$/, "$1.$2");
  return /^[+-]?\d{1,11}(\.\d{1,4})?$/.test(text) ? Number(text) : null;
}

const typedAnswer = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((value) => cleanLine(String(value ?? "").slice(0, 5000)));

type Refuse = (message: string, say: { key: `answer${string}`; values?: Record<string, string | number> }) => void;

function readAnswer({ kind, options, required }: QuestionDefinition, text: string, refuse: Refuse): AnswerValue {
  if (kind === "consent") {
    if (["on", "true"].includes(text)) return true;
    if (required) refuse("Tick this to register.", { key: "answerTick" });
    return null;
  }
  if (text === "") {
    if (required && kind === "choice") refuse("Choose one of these.", { key: "answerChoose" });
    else if (required) refuse("Answer this question.", { key: "answerMissing" });
    return null;
  }
  if (kind === "choice") {
    if (!options.includes(text)) refuse("Choose one of these.", { key: "answerChoose" });
    return text;
  }
  if (kind === "text") {
    if ([...text].length > longestAnswer)
      refuse(`Shorten this to ${longestAnswer} characters.`, { key: "answerLong", values: { longest: longestAnswer } });
    return text;
  }
  const number = readNumber(text);
  if (number === null) refuse("Write a number, such as 12 or 3.5.", { key: "answerNumber" });
  return number;
}

/**
 * The one check of answers, made from the questions as they are asked now: for the form, for later changes and for the API.
 * Takes texts of a form or typed values by the question's id; gives an answer for each question, and an error by its id.
 * What was not asked is dropped.
 */
export function answersFor(questions: readonly QuestionDefinition[]) {
  const field = (question: QuestionDefinition) =>
    typedAnswer.transform(
      (text, issues): AnswerValue =>
        readAnswer(question, text, (message, say) => issues.addIssue({ code: "custom", message, params: { say } })),
    );
  return z
    .object(Object.fromEntries(questions.map((question) => [question.id, field(question)])))
    .transform((answers): Answers => answers);
}
