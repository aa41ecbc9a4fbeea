import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { ask, details, lines, signature, titled, why } from "@/server/mail/templates/shared";

export const waitlisted = inEachLanguage((facts, { link }, t) => {
  const { title, position, seatsOffered } = facts;
  const news = t("waitlisted.news", { position, title });
  const means = t(seatsOffered ? "waitlisted.meansOffered" : "waitlisted.means");
  return {
    subject: t("waitlisted.subject", { position, titled: titled(facts) }),
    news,
    button: { label: t("waitlisted.button"), url: link },
    details: details(facts, t),
    after: [means, t("waitlisted.leave"), ask(facts, t)],
    foot: why(facts, t),
    text: paragraphs(
      news,
      means,
      lines(details(facts, t), t),
      `${t("waitlisted.page")}\n${link}`,
      ask(facts, t),
      signature(why(facts, t)),
    ),
  };
});
