/**
 * The languages of the public pages and of mails, and which of them a browser asks for. Pure and without any text: also
 * imported by client components and by the proxy.
 */

export const languages = ["en", "es", "pt", "it", "fr"] as const;
export type Language = (typeof languages)[number];

/** Each language in its own words. */
export const languageNames: Record<Language, string> = {
  en: "English",
  es: "Español",
  pt: "Português",
  it: "Italiano",
  fr: "Français",
};

/** The cookie that keeps a choice made by hand. */
export const languageCookie = "atelier_language";

/** The language that a text names, in whatever case and region ("pt-BR" is Portuguese), or null. */
export function languageOf(text: string | null | undefined): Language | null {
  const primary = text?.split("-")[0]?.toLowerCase();
  return languages.find((language) => language === primary) ?? null;
}

/**
 * The language of ours that a browser likes best, from its Accept-Language (RFC 9110 §12.5.4), by lookup (RFC 4647 §3.4):
 * ranges in the order of their weight, each shortened from its end until it names one of ours; ours have no region, so only
 * the first subtag counts. Weight 0 rules a language out. Null where none fits, and "*" says nothing about which.
 */
export function languageAskedFor(acceptLanguage: string | null): Language | null {
  const ranges = (acceptLanguage ?? "")
    .slice(0, 1000)
    .split(",")
    .map((item) => {
      const [range = "", ...parameters] = item.split(";").map((part) => part.trim());
      const weight = parameters.find((parameter) => /^q=/i.test(parameter))?.slice(2);
      return { language: languageOf(range), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ weight }) => weight >= 0 && weight <= 1);
  const refused = new Set(ranges.filter(({ weight }) => weight === 0).map(({ language }) => language));
  const liked = ranges.filter(({ language, weight }) => language && weight > 0 && !refused.has(language));
  return liked.sort((a, b) => b.weight - a.weight)[0]?.language ?? null;
}

/**
 * Which language a reader gets: the one chosen by hand (`?lang=` of this address, else the cookie that keeps it), else that of
 * the link or the registration, else what the browser asks for, else English.
 */
export function chooseLanguage(by: {
  address: string | null | undefined;
  cookie: string | null | undefined;
  link: Language | null;
  browser: string | null;
}): Language {
  return languageOf(by.address) ?? languageOf(by.cookie) ?? by.link ?? languageAskedFor(by.browser) ?? "en";
}
