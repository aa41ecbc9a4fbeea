import { z } from "zod";

/** What the form of a sandbox profile holds, checked in the browser and again on the server. Pure. */

// --- JSON with the place of its first mistake ------------------------------------------------------------------------

/** Where JSON stops being JSON. Lines and columns count from 1. */
type JsonMistake = { line: number; column: number; what: string };

class Mistake extends Error {
  readonly at: number;
  constructor(at: number, what: string) {
    super(what);
    this.at = at;
  }
}

const literal = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// A string as JSON has it: no line break inside, and only the escapes that there are.
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids control characters inside strings.
const quoted = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** Reads one value from `at`, and answers where it ends. Browsers' own parsers do not all say where they stopped. */
function skipValue(text: string, at: number, depth: number): number {
  if (depth > 100) throw new Mistake(at, "It is nested too deeply");
  const start = skipSpace(text, at);
  const first = text[start];
  if (first === "{" || first === "[") return skipItems(text, start, depth, first);
  return first === '"' ? skipString(text, start) : skipLiteral(text, start);
}

function skipSpace(text: string, at: number): number {
  let next = at;
  while (next < text.length && " \t\r\n".includes(text[next] ?? "")) next += 1;
  return next;
}

function matchAt(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}

function skipString(text: string, at: number): number {
  const end = matchAt(quoted, text, at);
  if (end === null) throw new Mistake(at, "This text in quotes does not end, or has a character that must be escaped");
  return end;
}

function skipLiteral(text: string, at: number): number {
  const end = matchAt(literal, text, at);
  if (end !== null) return end;
  throw new Mistake(at, at >= text.length ? "It ends too early" : `"${text[at]}" does not belong here`);
}

function skipItems(text: string, at: number, depth: number, open: "{" | "["): number {
  const close = open === "{" ? "}" : "]";
  let next = skipSpace(text, at + 1);
  if (text[next] === close) return next + 1;
  for (;;) {
    if (open === "{") next = skipName(text, next);
    next = skipSpace(text, skipValue(text, next, depth + 1));
    if (text[next] === close) return next + 1;
    if (text[next] !== ",")
      throw new Mistake(next, next >= text.length ? "It ends too early" : `A comma or ${close} is missing here`);
    next = skipSpace(text, next + 1);
    if (text[next] === close) throw new Mistake(next, `There is a comma too many before this ${close}`);
  }
}

function skipName(text: string, at: number): number {
  if (text[at] !== '"')
    throw new Mistake(at, at >= text.length ? "It ends too early" : "A name in quotes belongs here");
  const colon = skipSpace(text, skipString(text, at));
  if (text[colon] !== ":") throw new Mistake(colon, "A colon is missing here");
  return colon + 1;
}

/** The first mistake in a JSON text, or null. */
export function jsonMistake(text: string): JsonMistake | null {
  try {
    const end = skipSpace(text, skipValue(text, 0, 0));
    if (end < text.length) throw new Mistake(end, "Something follows after the end");
    return null;
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    const before = text.slice(0, error.at).split("\n");
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, what: error.message };
  }
}

const mistakeText = ({ line, column, what }: JsonMistake) => `Line ${line}, column ${column}: ${what}.`;

// --- The permissions policy ------------------------------------------------------------------------------------------

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What keeps a JSON value from being an IAM identity policy, in a sentence; null when it is one. */
function policyProblem(value: unknown): string | null {
  if (!isObject(value)) return "A policy is an object with a Statement.";
  if (value.Version !== "2012-10-17") return 'A policy has "Version": "2012-10-17".';
  const statements = Array.isArray(value.Statement) ? value.Statement : [value.Statement];
  if (value.Statement === undefined || statements.length === 0) return "A policy has at least one Statement.";
  for (const [index, one] of statements.entries()) {
    const problem = statementProblem(one);
    if (problem) return `Statement ${index + 1}: ${problem}`;
  }
  return null;
}

const isTexts = (value: unknown) =>
  typeof value === "string" || (Array.isArray(value) && value.length > 0 && value.every((x) => typeof x === "string"));

function statementProblem(one: unknown): string | null {
  if (!isObject(one)) return "it is no object.";
  if (one.Effect !== "Allow" && one.Effect !== "Deny") return 'its Effect is neither "Allow" nor "Deny".';
  if (one.Principal !== undefined || one.NotPrincipal !== undefined)
    return "it names a Principal, which a policy of permissions does not have.";
  for (const name of ["Action", "Resource"]) {
    const [plain, negated] = [one[name], one[`Not${name}`]];
    if ((plain === undefined) === (negated === undefined)) return `it needs either ${name} or Not${name}.`;
    if (!isTexts(plain ?? negated)) return `its ${name} is neither a text nor a list of texts.`;
  }
  return null;
}

const policyText = z
  .string()
  .trim()
  .transform((text, check): { [name: string]: unknown } => {
    const mistake = jsonMistake(text);
    const value: unknown = mistake ? null : JSON.parse(text);
    const problem = mistake ? mistakeText(mistake) : policyProblem(value);
    if (!problem && isObject(value)) return value;
    check.addIssue({ code: "custom", message: text === "" ? "Write a policy." : (problem ?? "This is no policy.") });
    return z.NEVER;
  });

// --- The start-up stack ----------------------------------------------------------------------------------------------

/** CloudFormation takes templates of this size with the request. */
const templateLimitBytes = 51_200;

/** What keeps a text from being a CloudFormation template, as far as it can be seen here; CloudFormation checks the rest. */
function templateProblem(text: string): string | null {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > templateLimitBytes)
    return `The template has ${bytes.toLocaleString("en")} bytes; CloudFormation takes ${templateLimitBytes.toLocaleString("en")}.`;
  if (!text.startsWith("{")) return /^Resources\s*:/m.test(text) ? null : "The template has no Resources.";
  const mistake = jsonMistake(text);
  if (mistake) return mistakeText(mistake);
  const value: unknown = JSON.parse(text);
  return isObject(value) && isObject(value.Resources) ? null : "The template has no Resources.";
}

const template = z
  .string()
  .trim()
  .superRefine((text, check) => {
    const problem = text === "" ? null : templateProblem(text);
    if (problem) check.addIssue({ code: "custom", message: problem });
  });

const parameters = z
  .array(
    z.object({
      name: z
        .string()
        .trim()
        .regex(/^[A-Za-z0-9]{1,255}$/, "A parameter's name has letters and digits only."),
      value: z.string().max(4_096, "No more than 4,096 characters."),
    }),
  )
  .max(200, "CloudFormation takes 200 parameters.")
  .superRefine((list, check) => {
    const seen = new Set<string>();
    for (const [index, { name }] of list.entries()) {
      if (seen.has(name)) check.addIssue({ code: "custom", path: [index, "name"], message: "It is there already." });
      seen.add(name);
    }
  });

// --- Money -----------------------------------------------------------------------------------------------------------

/** Currencies in which AWS bills. */
export const currencies = ["USD", "EUR", "GBP", "BRL", "CNY", "INR", "JPY"] as const;

/** Digits after the point that a currency has: 2 for dollars, 0 for yen. */
export function minorDigits(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** An amount in minor units, as people write it: 2550 as "25.50". */
export function amountText(minor: number, currency: string): string {
  return (minor / 10 ** minorDigits(currency)).toFixed(minorDigits(currency));
}

/** An amount in minor units with its currency, in the reader's language. */
export function moneyText(minor: number, currency: string, locale = "en"): string {
  const amount = minor / 10 ** minorDigits(currency);
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(amount);
}

/** What was typed as an amount, in minor units; null where it is none. */
function minorOf(typed: string, currency: string): number | null {
  const digits = minorDigits(currency);
  const match = /^(\d{1,7})(?:[.,](\d{1,3}))?$/.exec(typed);
  const [, whole = "", fraction = ""] = match ?? [];
  return match && fraction.length <= digits ? Number(whole + fraction.padEnd(digits, "0")) : null;
}

// --- The form --------------------------------------------------------------------------------------------------------

/** Regions of AWS as of 2026 that are offered in the form; a profile may name others. */
export const knownRegions = [
  ..."af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2".split(" "),
  ..."ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-7".split(" "),
  ..."ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2".split(" "),
  ..."eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1".split(" "),
  ..."us-east-1 us-east-2 us-west-1 us-west-2".split(" "),
];

const services = z
  .string()
  .transform((text) => [
    ...new Set(
      text
        .toLowerCase()
        .split(/[\s,]+/)
        .filter(Boolean),
    ),
  ])
  .superRefine((list, check) => {
    const wrong = list.find((one) => !/^[a-z0-9-]{2,40}$/.test(one));
    if (wrong)
      check.addIssue({ code: "custom", message: `"${wrong}" is no prefix of a service, such as s3 or lambda.` });
  });

const amountWanted = "Type an amount above zero, such as 25 or 12.50.";
const plainLine = (text: string) => !/\p{Cc}/u.test(text);

/** A sandbox profile as its form has it; the output is what the row holds. */
export const profileForm = z
  .object({
    name: z
      .string()
      .trim()
      .min(1, "Type a name.")
      .max(80, "No more than 80 characters.")
      .refine(plainLine, "A name is one line of text."),
    description: z.string().trim().max(500, "No more than 500 characters."),
    regions: z
      .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "Choose regions such as eu-west-1."))
      .min(1, "Choose at least one region: the console opens in the first, and the start-up stack is made there.")
      .max(20, "No more than 20 regions."),
    services,
    policy: policyText,
    credentialKind: z.enum(["role", "iam_user"]),
    budget: z
      .string()
      .trim()
      .regex(/^(\d{1,7}([.,]\d{1,3})?)?$/, amountWanted),
    budgetCurrency: z.enum(currencies),
    budgetFreeze: z.boolean(),
    stackTemplate: template,
    stackParameters: parameters,
  })
  .transform(({ budget, stackTemplate, stackParameters, ...rest }, check) => {
    const budgetMinor = budget === "" ? null : minorOf(budget, rest.budgetCurrency);
    if (budget !== "" && !budgetMinor) {
      check.addIssue({ code: "custom", path: ["budget"], message: amountWanted });
      return z.NEVER;
    }
    const named = Object.fromEntries(stackParameters.map(({ name, value }) => [name, value]));
    return { ...rest, budgetMinor, stackTemplate: stackTemplate || null, stackParameters: named };
  });

export type ProfileTyped = z.input<typeof profileForm>;
export type ProfileValues = z.output<typeof profileForm>;

export const profileId = z.object({ profileId: z.string() });

// --- New accounts ------------------------------------------------------------------------------------------------------

/** What an admin asks for: how many accounts, and how their names begin. */
export const newAccounts = z.object({
  count: z.coerce
    .number("Type a number.")
    .int("Whole accounts only.")
    .min(1, "At least 1.")
    .max(50, "No more than 50 at a time."),
  prefix: z
    .string()
    .trim()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$/,
      "1 to 40 letters, digits, spaces, dots, - and _, beginning with a letter or digit.",
    ),
});
