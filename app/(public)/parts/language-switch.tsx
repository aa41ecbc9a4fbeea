import { readerLanguage, words } from "@/server/http/public";
import { languageNames, languages } from "@/server/languages/kinds";

/** Links to the same page in the other languages, each in its own; following one is kept in a cookie by the proxy. */
export async function LanguageSwitch() {
  const [t, current] = [await words("frame"), await readerLanguage()];
  return (
    <nav className="languages" aria-label={t("language")}>
      <ul>
        {languages.map((language) => (
          <li key={language}>
            {language === current ? (
              <span lang={language} aria-current="true">
                {languageNames[language]}
              </span>
            ) : (
              <a href={`?lang=${language}`} lang={language} hrefLang={language} rel="nofollow">
                {languageNames[language]}
              </a>
            )}
          </li>
        ))}
      </ul>
    </nav>
  );
}
