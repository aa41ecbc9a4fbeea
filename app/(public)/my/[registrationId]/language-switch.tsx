import { languageAction } from "@/app/(public)/my/[registrationId]/actions";
import { readerLanguage, words } from "@/server/http/public";
import { languageNames, languages } from "@/server/languages/kinds";

/** The languages as buttons: here a choice is also that of the mails to come, so a link that is only opened makes none. */
export async function MyLanguageSwitch({ registrationId }: { registrationId: string }) {
  const [t, current] = [await words("frame"), await readerLanguage()];
  return (
    <form action={languageAction} className="languages">
      <input type="hidden" name="registrationId" value={registrationId} />
      <ul aria-label={t("language")}>
        {languages.map((language) => (
          <li key={language}>
            {language === current ? (
              <span lang={language} aria-current="true">
                {languageNames[language]}
              </span>
            ) : (
              <button type="submit" name="language" value={language} lang={language}>
                {languageNames[language]}
              </button>
            )}
          </li>
        ))}
      </ul>
    </form>
  );
}
