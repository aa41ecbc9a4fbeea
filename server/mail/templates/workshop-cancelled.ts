import { type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { titleAndStart } from "@/server/mail/templates/english";

export const workshopCancelled: MailTexts = {
  en: (facts) => {
    const sorry = `We are sorry. Answer this mail to ask ${facts.contact.name} about another date.`;
    const calendar = "The entry in your calendar goes with the attached file.";
    const foot = `You get this because you registered with ${facts.teamName}. Your data is deleted soon.`;
    const was = facts.when ? `It was planned for ${facts.when}.` : "";
    return {
      subject: `Cancelled: ${titleAndStart(facts)}`,
      news: `${facts.title} does not take place.`,
      details: [],
      after: [was, sorry, calendar].filter((sentence) => sentence !== ""),
      foot,
      text: paragraphs(`${facts.title} does not take place. ${was}`.trim(), sorry, calendar, `-- \n${foot}`),
    };
  },
};
