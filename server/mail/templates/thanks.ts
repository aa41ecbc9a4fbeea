import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { openMine, signature, why } from "@/server/mail/templates/shared";

export const thanks = inEachLanguage((facts, { link }, t) => {
  const { title, contact, hasSandbox } = facts;
  const news = t("thanks.news", { title });
  const gone = hasSandbox ? t("thanks.gone") : "";
  const next = t("thanks.next", { name: contact.name });
  return {
    subject: t("thanks.subject", { title }),
    news,
    button: openMine(link, t),
    hint: t("thanks.hint"),
    details: [],
    after: [gone, next].filter((sentence) => sentence !== ""),
    foot: why(facts, t),
    text: paragraphs(news, gone, next, `${t("thanks.page")}\n${link}`, signature(why(facts, t))),
  };
});
