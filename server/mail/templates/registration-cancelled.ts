import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { signature, titled, why } from "@/server/mail/templates/shared";

export const registrationCancelled = inEachLanguage((facts, _links, t) => {
  const news = t("registration_cancelled.news", { title: facts.title });
  const back = t("registration_cancelled.back", { name: facts.contact.name });
  const calendar = facts.inCalendar ? t("shared.calendarGoes") : "";
  return {
    subject: t("registration_cancelled.subject", { titled: titled(facts) }),
    news,
    details: [],
    after: [calendar, back].filter((sentence) => sentence !== ""),
    foot: why(facts, t),
    text: paragraphs(news, calendar, back, signature(why(facts, t))),
  };
});
