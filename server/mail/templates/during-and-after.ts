import { wordsIn } from "@/server/languages/languages";
import type { Facts } from "@/server/mail/facts";
import { type MailTexts, paragraphs } from "@/server/mail/templates/content";

const why = (facts: Facts) =>
  wordsIn(facts.locale, "mail")("shared.why", { team: facts.teamName, days: facts.deletedAfterDays });

/** An hour before the end: what happens to the accounts. */
export const endingSoon: MailTexts = {
  en: (facts, { link }) => {
    const t = wordsIn(facts.locale, "mail");
    const { title, endTime: time, contact } = facts;
    const news = t("ending_soon.news", { title, time });
    const after = [t("ending_soon.save"), t("ending_soon.keys"), t("shared.ask", { name: contact.name })];
    return {
      subject: t("ending_soon.subject", { title, time }),
      news,
      button: { label: t("shared.open"), url: link },
      hint: t("ending_soon.hint"),
      details: [],
      after,
      foot: why(facts),
      text: paragraphs(news, ...after, `${t("shared.page")}\n${link}`, `-- \n${why(facts)}`),
    };
  },
};

/** After the workshop, to who was there. */
export const certificate: MailTexts = {
  en: (facts, { link }) => {
    const t = wordsIn(facts.locale, "mail");
    const { title } = facts;
    const news = t("certificate.news", { title });
    const after = [t("certificate.keep")];
    return {
      subject: t("certificate.subject", { title }),
      news,
      button: { label: t("shared.open"), url: link },
      hint: t("certificate.hint"),
      details: [],
      after,
      foot: why(facts),
      text: paragraphs(news, `${t("certificate.hint")}\n${link}`, ...after, `-- \n${why(facts)}`),
    };
  },
};
