import { type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { titleAndStart, whyAttendee } from "@/server/mail/templates/english";

export const registrationCancelled: MailTexts = {
  en: (facts) => {
    const back = `Changed your mind? Answer this mail, and ${facts.contact.name} can invite you again.`;
    const calendar = "The entry in your calendar goes with the attached file.";
    return {
      subject: `Cancelled: your registration for ${titleAndStart(facts)}`,
      news: `Your registration for ${facts.title} is cancelled.`,
      details: [],
      after: [calendar, back],
      foot: whyAttendee(facts),
      text: paragraphs(
        `Your registration for ${facts.title} is cancelled.`,
        calendar,
        back,
        `-- \n${whyAttendee(facts)}`,
      ),
    };
  },
};
