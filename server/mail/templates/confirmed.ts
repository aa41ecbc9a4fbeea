import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { ask, details, lines, openMine, signature, titled, why } from "@/server/mail/templates/shared";

export const confirmed = inEachLanguage((facts, { link }, t) => {
  const news = t("confirmed.news", { title: facts.title });
  const attached = `${t("shared.calendarAttached")} ${t("confirmed.cannot")}`;
  return {
    subject: t("confirmed.subject", { titled: titled(facts) }),
    news,
    button: openMine(link, t),
    hint: t("confirmed.hint"),
    details: details(facts, t),
    after: [attached, ask(facts, t)],
    foot: why(facts, t),
    text: paragraphs(
      news,
      lines(details(facts, t), t),
      `${t("confirmed.inside")}\n${link}`,
      attached,
      ask(facts, t),
      signature(why(facts, t)),
    ),
  };
});
