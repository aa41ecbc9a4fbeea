import { describe, expect, test } from "vitest";
import en from "@/messages/en.json";
import es from "@/messages/es.json";
import fr from "@/messages/fr.json";
import it from "@/messages/it.json";
import pt from "@/messages/pt.json";
import { chooseLanguage, type Language, languageAskedFor } from "@/server/languages/kinds";
import { placeIn, waitIn, wordsIn } from "@/server/languages/languages";

const files: Record<Language, unknown> = { en, es, pt, it, fr };

/** "mail.confirmed.subject" → text, for each text of a file. */
function texts(value: unknown, road: string[] = []): [string, string][] {
  if (typeof value === "string") return [[road.join("."), value]];
  if (typeof value !== "object" || value === null) throw new Error(`${road.join(".")} is no text`);
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, [...road, key]));
}

/** The arguments of a message with their kinds, e.g. "count plural"; nested ones too. */
function argumentsOf(message: string): string[] {
  // What follows the name of a case is its text: "=0 {None}".
  const simple = [...message.matchAll(/(?<!(?:=\d+|\b(?:zero|one|two|few|many|other)) )\{(\w+)\}/g)].map(
    ([, name]) => `${name}`,
  );
  const typed = [...message.matchAll(/\{(\w+),\s*(\w+)/g)].map(([, name, kind]) => `${name} ${kind}`);
  const tags = [...message.matchAll(/<(\w+)>/g)].map(([, name]) => `<${name}>`);
  return [...new Set([...simple, ...typed, ...tags])].sort();
}

describe("messages", () => {
  const english = new Map(texts(en));
  for (const [language, file] of Object.entries(files))
    test(`${language} has the same keys and arguments as English, and no empty or untrimmed text`, () => {
      const own = new Map(texts(file));
      expect([...own.keys()].sort()).toEqual([...english.keys()].sort());
      const wrong = [...own].filter(
        ([key, text]) =>
          text.trim() !== text ||
          text === "" ||
          argumentsOf(text).join() !== argumentsOf(english.get(key) ?? "").join(),
      );
      expect(wrong).toEqual([]);
    });

  test("plurals end in other, and apostrophes are never read as quotes of ICU", () => {
    const wrong = Object.values(files)
      .flatMap((file) => texts(file))
      .filter(([, text]) => (/,\s*plural/.test(text) && !/\bother \{/.test(text)) || /'[{}#<|]|''/.test(text));
    expect(wrong).toEqual([]);
  });

  test("other languages do not repeat English sentences", () => {
    const same = (["es", "pt", "it", "fr"] as const).flatMap((language) =>
      texts(files[language]).filter(([key, text]) => text.split(/\s+/).length > 3 && english.get(key) === text),
    );
    expect(same).toEqual([]);
  });

  test("a missing argument is an error, not a gap", () => {
    expect(() => wordsIn("fr", "problems")("too_many")).toThrow();
  });
});

describe("which language", () => {
  test("a browser's languages are looked up by weight, and regions do not matter", () => {
    expect(languageAskedFor("pt-BR,pt;q=0.9,en;q=0.8")).toBe("pt");
    expect(languageAskedFor("de-CH, fr-CH;q=0.7, it;q=0.9")).toBe("it");
    expect(languageAskedFor("zh-Hant-TW, ES-mx;q=0.4")).toBe("es");
    expect(languageAskedFor("en;q=0, fr;q=0.1")).toBe("fr");
    for (const none of [null, "", "*", "de, ja;q=0.5", "en;q=0", "en;q=nonsense", ";;,,q=1"])
      expect(languageAskedFor(none)).toBeNull();
  });

  test("by hand before link, link before browser, English at last", () => {
    const all = { address: "fr", cookie: "it", link: "es", browser: "pt" } as const;
    expect(chooseLanguage(all)).toBe("fr");
    expect(chooseLanguage({ ...all, address: "xx" })).toBe("it");
    expect(chooseLanguage({ ...all, address: null, cookie: null })).toBe("es");
    expect(chooseLanguage({ ...all, address: null, cookie: "<script>", link: null })).toBe("pt");
    expect(chooseLanguage({ address: null, cookie: null, link: null, browser: "de" })).toBe("en");
  });
});

test("places of time zones and spans of time have their names in each language", () => {
  expect(placeIn("fr", "London")).toBe("Londres");
  expect(placeIn("es", "New York")).toBe("Nueva York");
  expect(placeIn("it", "constructor")).toBe("constructor");
  expect(waitIn("es", 40)).toBe("40 segundos");
  expect(waitIn("fr", 61 * 60)).toBe("61 minutes");
  expect(waitIn("pt", 7200)).toBe("2 horas");
});
