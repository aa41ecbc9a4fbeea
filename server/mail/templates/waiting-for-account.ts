import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { ask, openMine, signature, why } from "@/server/mail/templates/shared";

export const waitingForAccount = inEachLanguage((facts, { link }, t) => {
  const { title } = facts;
  const news = t("waiting_for_account.news", { title });
  const next = t("waiting_for_account.next");
  return {
    subject: t("waiting_for_account.subject", { title }),
    news,
    button: openMine(link, t),
    details: [],
    after: [next, ask(facts, t)],
    foot: why(facts, t),
    text: paragraphs(news, next, `${t("shared.page")}\n${link}`, ask(facts, t), signature(why(facts, t))),
  };
});
