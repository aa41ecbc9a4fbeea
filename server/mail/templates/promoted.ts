import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { ask, details, lines, openMine, signature, titled, why } from "@/server/mail/templates/shared";

export const promoted = inEachLanguage((facts, { link }, t) => {
  const news = t("promoted.news", { title: facts.title });
  const attached = `${t("shared.calendarAttached")} ${t("promoted.cannot")}`;
  return {
    subject: t("promoted.subject", { titled: titled(facts) }),
    news,
    button: openMine(link, t),
    details: details(facts, t),
    after: [attached, ask(facts, t)],
    foot: why(facts, t),
    text: paragraphs(
      news,
      lines(details(facts, t), t),
      `${t("shared.page")}\n${link}`,
      attached,
      ask(facts, t),
      signature(why(facts, t)),
    ),
  };
});
