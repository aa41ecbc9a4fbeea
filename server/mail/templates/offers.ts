import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { ask, details, lines, signature, why } from "@/server/mail/templates/shared";

/** A seat that is held for somebody on the waitlist, and its end. */

export const offered = inEachLanguage((facts, { link }, t) => {
  const { title, deadline: until } = facts;
  const news = t("offered.news", { title, until });
  // Where the room is, they learn once the seat is theirs.
  const rows = [{ label: t("offered.until"), value: until }, ...details({ ...facts, roomLink: "" }, t)];
  return {
    subject: t("offered.subject", { title, until }),
    news,
    button: { label: t("offered.button"), url: link },
    hint: t("offered.hint"),
    details: rows,
    after: [t("offered.next"), ask(facts, t)],
    foot: why(facts, t),
    text: paragraphs(
      news,
      `${t("shared.label", { label: t("offered.button") })}\n${link}\n${t("offered.hint")}`,
      lines(rows, t),
      t("offered.next"),
      ask(facts, t),
      signature(why(facts, t)),
    ),
  };
});

export const offerLapsed = inEachLanguage((facts, _links, t) => {
  const news = t("offer_lapsed.news", { title: facts.title });
  return {
    subject: t("offer_lapsed.subject", { title: facts.title }),
    news,
    details: [],
    after: [t("offer_lapsed.next"), ask(facts, t)],
    foot: why(facts, t),
    text: paragraphs(news, t("offer_lapsed.next"), ask(facts, t), signature(why(facts, t))),
  };
});
