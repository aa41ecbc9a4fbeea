import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { signature, why } from "@/server/mail/templates/shared";

export const accessReady = inEachLanguage((facts, { link }, t) => {
  const { title } = facts;
  const news = t("access_ready.news", { title });
  const [inside, over, stuck] = [t("access_ready.inside"), t("access_ready.over"), t("access_ready.stuck")];
  return {
    subject: t("access_ready.subject", { title }),
    news,
    button: { label: t("access_ready.button"), url: link },
    hint: inside,
    details: [],
    after: [over, stuck],
    foot: why(facts, t),
    text: paragraphs(`${news} ${t("access_ready.here")}\n${link}`, inside, over, stuck, signature(why(facts, t))),
  };
});
