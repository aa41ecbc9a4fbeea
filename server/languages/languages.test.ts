import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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

  test("arguments stand in their places, and a missing one is an error, not a gap", () => {
    expect(wordsIn("it", "invitation")("forName", { name: "$1 {x} Ana" })).toBe("Invito per $1 {x} Ana");
    expect(wordsIn("fr", "invitation")("seatsLeft", { count: 0 })).toBe("Il reste 0 place");
    expect(wordsIn("es", "notice")("sentence", { team: "{days}", days: 1 })).toMatch(/^\{days\} usa .* 1 día después/);
    expect(() => wordsIn("fr", "problems")("too_many")).toThrow();
    expect(() => wordsIn("fr", "notice")("sentence", { team: "x" })).toThrow();
  });
});

describe("public pages", () => {
  const folder = fileURLToPath(new URL("../../app/(public)", import.meta.url));
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".tsx"))
    .map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") }));

  test("they say nothing that is not in the messages", () => {
    // The frame around a preview is for members, and in English like all of the console.
    const leftovers = sources
      .filter(({ path }) => !path.endsWith("preview/page.tsx"))
      .flatMap(({ path, text }) =>
        text
          .split("\n")
          .filter(
            (line) =>
              /<\w[^<>]*>\s*[A-Z][a-z]+[^<>{}]*<\//.test(line) ||
              /^\s+[A-Z][a-z]+( [a-z]+)+[^<>{}();=*]*$/.test(line) ||
              /\b(title|label|alt|placeholder|aria-label|button|busy)="[A-Z]/.test(line),
          )
          .map((line) => `${path}: ${line.trim()}`),
      );
    expect(leftovers).toEqual([]);
  });

  test("what client components fill in by themselves has neither plurals nor tags", () => {
    const names = new Set(
      sources.flatMap(({ text }) => [...text.matchAll(/rawWords\("(\w+)"\)/g)].map(([, name]) => name)),
    );
    // Of the frame, four sentences are passed on by name.
    names.delete("frame");
    const wrong = [...names].flatMap((name) =>
      texts((en as Record<string, unknown>)[name ?? ""], [name ?? ""]).filter(([, text]) =>
        /, plural|<\w+>/.test(text),
      ),
    );
    expect(names.size).toBeGreaterThan(3);
    expect(wrong).toEqual([]);
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
