import { languages } from "@/server/languages/kinds";
import { type Translate, wordsIn } from "@/server/languages/languages";
import type { Facts } from "@/server/mail/facts";
import type { Block } from "@/server/mail/text-markup";

/** What a template says, in order: the news, one button, then details. The layout turns it into HTML; `text` is written by hand. */
export type MailContent = {
  subject: string;
  /** The first line: what happened. */
  news: string;
  /** A code to type, shown large. */
  code?: string;
  button?: { label: string; url: string };
  /** What belongs to the button, small under it. */
  hint?: string;
  details: { label: string; value: string; url?: string }[];
  /** Sentences after the details. */
  after: string[];
  /** A team's own paragraphs, in place of those. */
  rich?: Block[];
  /** Text to copy and forward, set apart. */
  forward?: string;
  /** Why this mail comes. */
  foot: string;
  /** For mails that nobody needs. */
  unsubscribe?: { label: string; url: string };
  /** The whole mail in plain text. */
  text: string;
};

/** Minted when the mail is sent; marks in a preview. */
export type MailLinks = {
  /** Address of the button: the personal link, the confirm link, or the invite. */
  link: string;
  /** Code of a sign-in mail. */
  code: string;
  /** Page of the workshop in the console, for members. */
  console: string;
  /** Page to unsubscribe at; left out for mails that are necessary. */
  unsubscribe?: string;
};

/** The messages of one kind, by language; languages that are missing read English. */
export type MailTexts = { en: (facts: Facts, links: MailLinks) => MailContent } & Record<
  string,
  (facts: Facts, links: MailLinks) => MailContent
>;

/** The messages of a kind in every language that we have, from one function and its sentences in `messages/*.json#mail`. */
export function inEachLanguage(
  write: (facts: Facts, links: MailLinks, t: Translate<"mail">) => MailContent,
): MailTexts {
  const inLanguage = (language: string) => (facts: Facts, links: MailLinks) =>
    write(facts, links, wordsIn(language, "mail"));
  return { ...Object.fromEntries(languages.map((language) => [language, inLanguage(language)])), en: inLanguage("en") };
}

/** Details that every mail about a workshop shows, without those that are empty. */
export function workshopDetails(facts: Facts, words: { when: string; where: string; room: string; bring: string }) {
  return [
    { label: words.when, value: facts.when },
    { label: words.where, value: facts.place },
    { label: words.room, value: facts.roomLink, url: facts.roomLink },
    { label: words.bring, value: facts.bring.join(", ") },
  ].filter((detail) => detail.value !== "");
}

/** The same as lines of plain text. */
export function detailLines(details: readonly { label: string; value: string }[]): string {
  return details.map(({ label, value }) => `${label}: ${value}`).join("\n");
}

/** Paragraphs of plain text, without the empty ones, with one blank line between. */
export function paragraphs(...parts: (string | false)[]): string {
  return `${parts.filter((part) => part !== false && part !== "").join("\n\n")}\n`;
}
