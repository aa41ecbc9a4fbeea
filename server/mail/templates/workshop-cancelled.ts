import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { signature, titled } from "@/server/mail/templates/shared";

export const workshopCancelled = inEachLanguage((facts, _links, t) => {
  const { title, when, contact, teamName } = facts;
  const news = t("workshop_cancelled.news", { title });
  const was = when ? t("workshop_cancelled.was", { when }) : "";
  const sorry = t("workshop_cancelled.sorry", { name: contact.name });
  const calendar = facts.inCalendar ? t("shared.calendarGoes") : "";
  const foot = t("workshop_cancelled.foot", { team: teamName });
  return {
    subject: t("workshop_cancelled.subject", { titled: titled(facts) }),
    news,
    details: [],
    after: [was, sorry, calendar].filter((sentence) => sentence !== ""),
    foot,
    text: paragraphs(`${news} ${was}`.trim(), sorry, calendar, signature(foot)),
  };
});
