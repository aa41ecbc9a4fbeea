import { detailLines, type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { ask, details, titleAndStart, whyAttendee } from "@/server/mail/templates/english";

const cannot = "Something in the way? Cancel in your workshop page, and the next person moves up.";

export const confirmed: MailTexts = {
  en: (facts, { link }) => ({
    subject: `You're in: ${titleAndStart(facts)}`,
    news: `You have a seat in ${facts.title}.`,
    button: { label: "Open my workshop", url: link },
    hint: "Agenda, changes and, on the day, your way in.",
    details: details(facts),
    after: [`The calendar entry is attached. ${cannot}`, ask(facts)],
    foot: whyAttendee(facts),
    text: paragraphs(
      `You have a seat in ${facts.title}.`,
      detailLines(details(facts)),
      `Agenda, changes and, on the day, your way in:\n${link}`,
      `The calendar entry is attached. ${cannot}`,
      ask(facts),
      `-- \n${whyAttendee(facts)}`,
    ),
  }),
};
