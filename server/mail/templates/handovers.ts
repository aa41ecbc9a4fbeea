import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { ask, details, lines, openMine, signature, why } from "@/server/mail/templates/shared";

/** A seat that its holder hands over: to the colleague, and to the holder once it is taken or not. */

export const handoverOffer = inEachLanguage((facts, { link }, t) => {
  const { title, giver, teamName: team } = facts;
  const news = t("handover_offer.news", { giver, title });
  const rows = [...details(facts, t), { label: t("handover_offer.until"), value: facts.deadline }];
  const foot = t("handover_offer.why", { giver, team });
  return {
    subject: t("handover_offer.subject", { giver, title }),
    news,
    button: { label: t("handover_offer.button"), url: link },
    details: rows,
    after: [t("handover_offer.next"), ask(facts, t)],
    foot,
    text: paragraphs(
      news,
      `${t("shared.label", { label: t("handover_offer.button") })}\n${link}`,
      lines(rows, t),
      t("handover_offer.next"),
      ask(facts, t),
      signature(foot),
    ),
  };
});

export const handoverEnded = inEachLanguage((facts, { link }, t) => {
  const { title, saidNo } = facts;
  const news = t(saidNo ? "handover_ended.saidNo" : "handover_ended.tooLate", { title });
  return {
    subject: t("handover_ended.subject", { title }),
    news,
    button: openMine(link, t),
    details: details(facts, t),
    after: [t("handover_ended.next"), ask(facts, t)],
    foot: why(facts, t),
    text: paragraphs(
      news,
      t("handover_ended.next"),
      `${t("shared.page")}\n${link}`,
      ask(facts, t),
      signature(why(facts, t)),
    ),
  };
});

export const handedOver = inEachLanguage((facts, _links, t) => {
  const news = t("handed_over.news", { title: facts.title });
  const calendar = facts.inCalendar ? [t("shared.calendarGoes")] : [];
  const after = [...calendar, t("handed_over.page"), ask(facts, t)];
  return {
    subject: t("handed_over.subject", { title: facts.title }),
    news,
    details: [],
    after,
    foot: why(facts, t),
    text: paragraphs(news, ...after, signature(why(facts, t))),
  };
});
