import { detailLines, type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { ask, details, titleAndStart, whyAttendee } from "@/server/mail/templates/english";

const cannot = "You can no longer come? Cancel on your workshop page, so that the next person gets the seat.";

export const promoted: MailTexts = {
  en: (facts, { link }) => ({
    subject: `You moved up and are in: ${titleAndStart(facts)}`,
    news: `A seat in ${facts.title} became free, and it is yours.`,
    button: { label: "Open my workshop", url: link },
    details: details(facts),
    after: [`The calendar entry is attached. ${cannot}`, ask(facts)],
    foot: whyAttendee(facts),
    text: paragraphs(
      `A seat in ${facts.title} became free, and it is yours.`,
      detailLines(details(facts)),
      `Your workshop page:\n${link}`,
      `The calendar entry is attached. ${cannot}`,
      ask(facts),
      `-- \n${whyAttendee(facts)}`,
    ),
  }),
};
