import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { lines, openMine, signature, why } from "@/server/mail/templates/shared";

export const thanks = inEachLanguage((facts, { link }, t) => {
  const { title, contact, hasSandbox } = facts;
  const news = t("thanks.news", { title });
  const gone = hasSandbox ? t("thanks.gone") : "";
  const next = t("thanks.next", { name: contact.name });
  const help = facts.surveyLink ? t("thanks.help") : "";
  const links = [
    { label: t("thanks.survey"), value: facts.surveyLink, url: facts.surveyLink },
    { label: t("thanks.materials"), value: facts.materialsLink, url: facts.materialsLink },
  ].filter(({ value }) => value !== "");
  return {
    subject: t("thanks.subject", { title }),
    news,
    button: openMine(link, t),
    hint: t("thanks.hint"),
    details: links,
    after: [help, gone, next].filter((sentence) => sentence !== ""),
    foot: why(facts, t),
    text: paragraphs(news, lines(links, t), help, gone, next, `${t("thanks.page")}\n${link}`, signature(why(facts, t))),
  };
});
