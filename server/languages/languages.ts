import type { ReactNode } from "react";
import { createTranslator } from "use-intl/core";
import en from "@/messages/en.json";
import es from "@/messages/es.json";
import fr from "@/messages/fr.json";
import it from "@/messages/it.json";
import pt from "@/messages/pt.json";
import { type Language, languageOf } from "@/server/languages/kinds";

/**
 * What public pages and mails say, from `messages/<language>.json`: ICU MessageFormat, parsed once for each process. The
 * English file gives the keys their types; that the others have the same ones is a type error and a test.
 */

export type Messages = typeof en;
/** A part of the messages: one page, one form, one kind of mail's family. */
export type Section = keyof Messages;

const messages: Record<Language, Messages> = { en, es, pt, it, fr };

type KeysOf<T> = {
  [K in keyof T & string]: T[K] extends string ? K : `${K}.${KeysOf<T[K]>}`;
}[keyof T & string];

export type MessageKey<S extends Section> = KeysOf<Messages[S]>;
export type MessageValues = Record<string, string | number>;
type Chunks = (inside: ReactNode) => ReactNode;
/** The same with parts in tags, `<b>…</b>`, each made by a function of its name. */
export type TranslateRich<S extends Section> = (
  key: MessageKey<S>,
  values: Record<string, string | number | Chunks>,
) => ReactNode;

/** A sentence of a section in one language: `t("headline", { count: 3 })`. A missing argument throws. */
export type Translate<S extends Section> = (key: MessageKey<S>, values?: MessageValues) => string;

/**
 * A sentence for whoever fills in a public form, by its key in the section `problems`. Stands in a DomainError or in the
 * `params` of a zod issue beside its English message, which the console and the API show.
 */
export type Say = { key: MessageKey<"problems">; values?: MessageValues };

function fail(error: Error): never {
  throw error;
}

const translators = new Map<Language, (key: string, values?: MessageValues) => string>();
const sections = new Map<string, (key: string, values?: MessageValues) => string>();

function translatorIn(language: Language) {
  let translate = translators.get(language);
  if (!translate) {
    const made = createTranslator<Record<string, unknown>>({
      locale: language,
      messages: messages[language],
      onError: fail,
    });
    translate = made as unknown as (key: string, values?: MessageValues) => string;
    translators.set(language, translate);
  }
  return translate;
}

/** The text of a message as it stands in the file, or null. */
function textOf(language: Language, section: Section, key: string): string | null {
  let found: unknown = messages[language][section];
  for (const part of key.split(".")) found = (found as Record<string, unknown> | undefined)?.[part];
  return typeof found === "string" ? found : null;
}

const simple = /^[^{}<>]*(\{\w+\}[^{}<>]*)*$/;

/**
 * Most sentences have nothing in them or a name or two: these are put together here, twenty times as fast as by the
 * library, which a page with fifty of them shows. What has a plural or a tag, or is missing, goes to the library.
 */
function compiled(language: Language, section: Section, key: string): (values?: MessageValues) => string {
  const text = textOf(language, section, key);
  if (text === null || !simple.test(text)) return (values) => translatorIn(language)(`${section}.${key}`, values);
  // Text, name, text, name, …, text.
  const parts = text.split(/\{(\w+)\}/);
  if (parts.length === 1) return () => text;
  return (values = {}) => {
    let said = parts[0] ?? "";
    for (let at = 1; at < parts.length; at += 2) {
      const value = values[parts[at] ?? ""];
      if (value === undefined) throw new Error(`${section}.${key} needs ${parts[at]}`);
      said += `${value}${parts[at + 1]}`;
    }
    return said;
  };
}

/** The sentences of a section. Any BCP 47 tag will do; what is no language of ours reads English. Cached by process. */
export function wordsIn<S extends Section>(locale: string, section: S): Translate<S> {
  const language = languageOf(locale) ?? "en";
  const id = `${language} ${section}`;
  let words = sections.get(id);
  if (!words) {
    const known = new Map<string, (values?: MessageValues) => string>();
    words = (key, values) => {
      let say = known.get(key);
      if (!say) {
        say = compiled(language, section, key);
        known.set(key, say);
      }
      return say(values);
    };
    sections.set(id, words);
  }
  return words;
}

/** The sentences of a section that have parts in tags. */
export function richWordsIn<S extends Section>(locale: string, section: S): TranslateRich<S> {
  const translate = translatorIn(languageOf(locale) ?? "en") as unknown as {
    rich(key: string, values: Record<string, string | number | Chunks>): ReactNode;
  };
  return (key, values) => translate.rich(`${section}.${key}`, values);
}

/** The messages of a section as they stand in the file, for a client component: `{name}` is filled there (parts/fill.ts). */
export function rawWordsIn<S extends Section>(locale: string, section: S): Messages[S] {
  return messages[languageOf(locale) ?? "en"][section];
}

/** A place that names a time zone, as people of that language call it: "London" is "Londres" in French. */
export function placeIn(locale: string, place: string): string {
  const places: Record<string, string> = rawWordsIn(locale, "places");
  const key = place.replaceAll(" ", "_");
  return Object.hasOwn(places, key) ? (places[key] ?? place) : place;
}

/** "40 seconds", "3 minutes", "2 hours", rounded up, so that trying again then works. */
export function waitIn(locale: string, seconds: number): string {
  const [amount, unit] =
    seconds < 90
      ? [seconds, "second"]
      : seconds < 5400
        ? [Math.ceil(seconds / 60), "minute"]
        : [Math.ceil(seconds / 3600), "hour"];
  const words = new Intl.NumberFormat(languageOf(locale) ?? "en", { style: "unit", unit, unitDisplay: "long" });
  return words.format(amount);
}

/** A sentence of `problems` in a language. */
export function said(locale: string, { key, values }: Say): string {
  return wordsIn(locale, "problems")(key, values);
}
