import { z } from "zod";
import type { MailText, Message } from "@/prisma/generated/client";
import { audit } from "@/server/audit";
import type { Context } from "@/server/context";
import { DomainError, notFound } from "@/server/errors";
import { enqueue } from "@/server/jobs/queue";
import { type Language, languages } from "@/server/languages/kinds";
import type { Facts, Prepared, Refused } from "@/server/mail/facts";
import { isMailKind, type MailKind, mailKinds } from "@/server/mail/kinds";
import { type MailContent, type MailLinks, paragraphs } from "@/server/mail/templates/content";
import { contentOf } from "@/server/mail/templates/templates";
import { blocksAsText, problemIn, type Values, writeBlocks, writeLine } from "@/server/mail/text-markup";
import { allowMember, mayDo } from "@/server/permissions";

/**
 * A team's own words for a kind of mail in a language: subject, headline and paragraphs, in place of the built-in ones. Button,
 * details, attachments and why a mail comes stay what they are.
 */

/** Kinds whose words a team may change: those to customers that say nothing but what their variables know. */
const editable = [
  "invitation",
  "confirm_address",
  "confirmed",
  "waitlisted",
  "promoted",
  "registration_cancelled",
  "workshop_cancelled",
  "reminder",
  "access_ready",
  "waiting_for_account",
  "thanks",
] as const satisfies MailKind[];
type EditableKind = (typeof editable)[number];

const isEditable = (kind: string): kind is EditableKind => (editable as readonly string[]).includes(kind);

/** Variables by name, with what they stand for. */
const everywhere = {
  name: "the reader's name; empty until the address is confirmed",
  title: "title of the workshop",
  start: "when it starts, such as Tue 12 May 09:30, Madrid",
  when: "from when to when",
  place: "where it takes place",
  room: "link to the online room",
  bring: "what to bring",
  contact: "name of the account manager who invited",
  team: "name of the team",
  account: "AWS account, where the workshop lends one; empty where not",
} as const;
const further: Partial<Record<EditableKind, Record<string, string>>> = {
  invitation: { until: "day until which one can register" },
  waitlisted: { position: "place on the waitlist" },
};

function variablesOf(kind: EditableKind): Record<string, string> {
  return { ...everywhere, ...further[kind] };
}

function valuesOf({ facts, to }: Pick<Prepared, "facts" | "to">): Values {
  return {
    name: to.name,
    title: facts.title,
    start: facts.start,
    when: facts.when,
    place: facts.place,
    room: facts.roomLink,
    bring: facts.bring.join(", "),
    contact: facts.contact.name,
    team: facts.teamName,
    account: facts.hasSandbox ? "AWS account" : "",
    until: facts.inviteExpires,
    position: facts.position > 0 ? String(facts.position) : "",
  };
}

/** What a team wrote. Subject and headline are one line each; `body` is markup (text-markup.ts). */
export const ownWords = z.object({
  subject: z
    .string()
    .trim()
    .min(1, "Say something.")
    .max(200, "At most 200 characters.")
    .regex(/^[^\r\n]*$/),
  headline: z
    .string()
    .trim()
    .min(1, "Say something.")
    .max(300, "At most 300 characters.")
    .regex(/^[^\r\n]*$/),
  body: z.string().trim().max(10_000, "At most 10,000 characters."),
});
export type OwnWords = z.infer<typeof ownWords>;

/** The words of a mail with a team's own in their place. */
export function withOwnWords(
  content: MailContent,
  own: OwnWords,
  prepared: Pick<Prepared, "facts" | "to">,
): MailContent {
  const values = valuesOf(prepared);
  const rich = writeBlocks(own.body, values);
  const news = writeLine(own.headline, values) || content.news;
  const { button, details, foot } = content;
  const text = paragraphs(
    news,
    details.map(({ label, value }) => `${label}: ${value}`).join("\n"),
    button ? `${button.label}:\n${button.url}` : false,
    blocksAsText(rich),
    `-- \n${foot}`,
  );
  return { ...content, subject: writeLine(own.subject, values) || content.subject, news, after: [], rich, text };
}

/** The team's own words for a mail that is being sent; null where it has none. */
export async function ownWordsOf(ctx: Context, message: Message, prepared: Prepared): Promise<OwnWords | null> {
  if (message.kind === testKind) return ownWords.safeParse(message.data).data ?? null;
  const { teamId } = message;
  if (!teamId || !isEditable(prepared.kind)) return null;
  const { kind, facts } = prepared;
  return ctx.db.mailText.findUnique({ where: { teamId_kind_locale: { teamId, kind, locale: facts.locale } } });
}

// --- What is built in ------------------------------------------------------------------------------------------------

/** No number that a text would say, so that it is found again in any language's way of writing it. */
const numberMark = 4321;

/** Facts whose values are the variables' names. */
function namedFacts(locale: string, hasSandbox: boolean): Facts {
  const named = {
    ...{ locale, hasSandbox, teamName: "{{team}}", title: "{{title}}", start: "{{start}}", when: "{{when}}" },
    ...{
      place: "{{place}}",
      roomLink: "{{room}}",
      bring: ["{{bring}}"],
      contact: { name: "{{contact}}", address: "" },
    },
    ...{ inviteExpires: "{{until}}", position: numberMark, seatsOffered: true, deletedAfterDays: 30 },
    ...{ forward: { locale, when: "" }, changedFields: [], news: null, budget: null, seatLimit: null },
  };
  // Whatever else a kind knows is empty here: such kinds are not editable.
  return new Proxy(named as unknown as Facts, {
    get: (given, name) => (name in given ? Reflect.get(given, name) : ""),
  });
}

const noLinks: MailLinks = { link: "", code: "", console: "" };

/** The built-in words as a team would write them. Sentences that are only for workshops with accounts say so. */
export function builtInWords(kind: EditableKind, locale: string): OwnWords {
  const content = contentOf(kind, namedFacts(locale, true), noLinks);
  const without = new Set(contentOf(kind, namedFacts(locale, false), noLinks).after);
  const named = (text: string) => text.replace(/4[.,\s\u00a0\u202f]?321/g, "{{position}}");
  const body = content.after.map((sentence) => (without.has(sentence) ? sentence : `{{if account}} ${sentence}`));
  return { subject: named(content.subject), headline: named(content.news), body: named(body.join("\n\n")) };
}

// --- Use cases -------------------------------------------------------------------------------------------------------

export type MailTextSummary = { kind: string; label: string; own: Language[] };

/** Every kind whose words a team may change, with the languages in which it has. */
export async function listMailTexts(ctx: Context): Promise<{ texts: MailTextSummary[]; mayEdit: boolean }> {
  const actor = allowMember(ctx.actor, "mailtext.read");
  const rows = await ctx.db.mailText.findMany({
    where: { teamId: actor.teamId },
    select: { kind: true, locale: true },
  });
  const texts = editable.map((kind) => ({
    kind,
    label: mailKinds[kind].label,
    own: languages.filter((language) => rows.some((row) => row.kind === kind && row.locale === language)),
  }));
  return { texts, mayEdit: mayDo(actor.role, "mailtext.edit") };
}

export type MailTextPage = {
  kind: string;
  label: string;
  language: Language;
  /** 0 while the built-in words hold. */
  version: number;
  words: OwnWords;
  builtIn: OwnWords;
  variables: { name: string; meaning: string }[];
  mayEdit: boolean;
};

const named = z.object({ kind: z.string(), language: z.enum(languages) });
type Named = { kind: string; language: string };

function which(input: Named): { kind: EditableKind; language: Language } {
  const parsed = named.safeParse(input);
  if (!parsed.success || !isEditable(parsed.data.kind)) throw notFound("page");
  return { kind: parsed.data.kind, language: parsed.data.language };
}

/** The words of one kind in one language. */
export async function readMailText(ctx: Context, input: Named): Promise<MailTextPage> {
  const { teamId, role } = allowMember(ctx.actor, "mailtext.read");
  const { kind, language } = which(input);
  const where = { teamId_kind_locale: { teamId, kind, locale: language } };
  const row = await ctx.db.mailText.findUnique({ where });
  const builtIn = builtInWords(kind, language);
  const { subject, headline, body } = row ?? builtIn;
  const variables = Object.entries(variablesOf(kind)).map(([name, meaning]) => ({ name, meaning }));
  const words = { subject, headline, body };
  const { label } = mailKinds[kind];
  return {
    ...{ kind, label, language, words, builtIn, variables },
    ...{ version: row?.version ?? 0, mayEdit: mayDo(role, "mailtext.edit") },
  };
}

/** Throws `invalid` with what is wrong by field. */
function checkWords(kind: EditableKind, input: OwnWords): OwnWords {
  const known = Object.keys(variablesOf(kind));
  const fields: Record<string, string> = {};
  const parsed = ownWords.safeParse(input);
  for (const issue of parsed.error?.issues ?? []) fields[issue.path.join(".")] ??= issue.message;
  for (const field of ["subject", "headline", "body"] as const) {
    const problem = problemIn(input[field], known);
    if (problem) fields[field] ??= problem;
  }
  if (parsed.success && Object.keys(fields).length === 0) return parsed.data;
  throw new DomainError("invalid", Object.values(fields)[0] ?? "Look at the fields below.", { fields });
}

const overtaken = () =>
  new DomainError(
    "conflict",
    "Somebody else changed these words meanwhile. What you typed stays here; theirs are below.",
  );

/**
 * Keeps a team's words. `version` is the one that was read, 0 for the built-in ones: `conflict` when somebody else changed them
 * since. `invalid` names each field that is wrong, and the variables that there are. Answers the new version.
 */
export async function saveMailText(
  ctx: Context,
  input: Named & OwnWords & { version: number },
): Promise<{ version: number }> {
  const { teamId } = allowMember(ctx.actor, "mailtext.edit");
  const { kind, language } = which(input);
  const words = checkWords(kind, input);
  const key = { teamId, kind, locale: language };
  const updatedAt = ctx.clock.now();
  return ctx.db.$transaction(async (tx) => {
    const id = ctx.newId("mailText");
    const rows =
      input.version === 0
        ? await tx.mailText.createManyAndReturn({ data: [{ id, ...key, ...words, updatedAt }], skipDuplicates: true })
        : await tx.mailText.updateManyAndReturn({
            where: { ...key, version: input.version },
            data: { ...words, updatedAt, version: { increment: 1 } },
          });
    const [row] = rows;
    if (!row) throw overtaken();
    await note(ctx, tx, row, "mail_text.changed");
    return { version: row.version };
  });
}

/** Back to the built-in words. `conflict` as when saving. */
export async function resetMailText(ctx: Context, input: Named & { version: number }): Promise<void> {
  const { teamId } = allowMember(ctx.actor, "mailtext.edit");
  const { kind, language } = which(input);
  const key = { teamId, kind, locale: language };
  await ctx.db.$transaction(async (tx) => {
    const row = await tx.mailText.findFirst({ where: { ...key, version: input.version } });
    const { count } = row
      ? await tx.mailText.deleteMany({ where: { id: row.id, version: input.version } })
      : { count: 0 };
    if (!row || count === 0) throw overtaken();
    await note(ctx, tx, row, "mail_text.reset");
  });
}

function note(ctx: Context, tx: Parameters<typeof audit>[1], row: MailText, action: string): Promise<void> {
  const { teamId, id, kind, locale } = row;
  return audit(ctx, tx, { teamId, action, entity: "mail_text", entityId: id, detail: { kind, locale } });
}

// --- Looking at them -------------------------------------------------------------------------------------------------

/** A mail with typed words, to the member who typed them: its row holds the words, which are nobody's data. */
const testKind = "test";

/** Facts of a workshop that does not exist, in a language. */
function sampleFacts(team: { name: string; accentColor: string }, locale: string, contact: Prepared["to"]): Facts {
  const sample = {
    ...namedFacts(locale, true),
    ...{ teamName: team.name, accentColor: team.accentColor, contact, title: "Serverless day", place: "Calle Mayor 1" },
    ...{ start: "Tue 12 May 09:30, Madrid", when: "Tue 12 May, 09:30–17:00 Madrid", roomLink: "" },
    ...{ bring: ["Laptop"], inviteExpires: "10 May", position: 3, deletedAfterDays: 30 },
  };
  return new Proxy(sample as Facts, { get: (given, name) => (name in given ? Reflect.get(given, name) : "") });
}

/** What a test mail takes, like `prepare` for any other. */
export async function prepareTest(ctx: Context, message: Message): Promise<Prepared | Refused | null> {
  if (message.kind !== testKind) return null;
  const { kind } = z.object({ kind: z.string() }).parse(message.data);
  const member = await ctx.db.member.findFirst({
    where: { id: message.memberId ?? "", teamId: message.teamId ?? "", removedAt: null },
    select: { identity: { select: { name: true, email: true } }, team: true },
  });
  if (!member || !isMailKind(kind)) return { refused: "cancelled", reason: "The member left the team." };
  const to = { name: member.identity.name, address: member.identity.email };
  const from = { name: member.team.senderName, address: member.team.senderEmail };
  return { kind, to, from, replyTo: to, facts: sampleFacts(member.team, message.locale, to) };
}

/** Whether a message is a test mail: it has no link of its own and is about nobody. */
export function isTest(message: Pick<Message, "kind">): boolean {
  return message.kind === testKind;
}

/** A mail with words as they are typed and made-up facts, for the editor. `invalid` as when saving. */
export async function previewFacts(
  ctx: Context,
  input: Named & OwnWords,
): Promise<{ prepared: Prepared; words: OwnWords; teamId: string }> {
  const { teamId, memberId } = allowMember(ctx.actor, "mailtext.read");
  const { kind, language } = which(input);
  const words = checkWords(kind, input);
  const member = await ctx.db.member.findFirstOrThrow({
    where: { id: memberId, teamId },
    select: { identity: { select: { name: true, email: true } }, team: true },
  });
  const to = { name: member.identity.name, address: member.identity.email };
  const facts = sampleFacts(member.team, language, to);
  return { prepared: { kind, to, from: to, replyTo: to, facts }, words, teamId };
}

/** Queues a mail with words as they are typed to the member themselves. */
export async function sendTestMail(ctx: Context, input: Named & OwnWords): Promise<void> {
  const { teamId, memberId } = allowMember(ctx.actor, "mailtext.edit");
  const { kind, language } = which(input);
  const words = checkWords(kind, input);
  const id = ctx.newId("message");
  const now = ctx.clock.now();
  const notAfter = new Date(now.getTime() + 3_600_000);
  const row = {
    id,
    teamId,
    memberId,
    recipientKey: memberId,
    occurrence: id,
    locale: language,
    urgent: true,
    notAfter,
  };
  await ctx.db.$transaction(async (tx) => {
    await tx.message.create({ data: { ...row, kind: testKind, data: { kind, ...words }, dueAt: now, createdAt: now } });
    await enqueue(ctx, tx, "mail.send", { messageId: id }, { priority: 10 });
  });
}
