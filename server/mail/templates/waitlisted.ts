import { detailLines, type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { ask, details, titleAndStart, whyAttendee } from "@/server/mail/templates/english";

const means = "All seats are taken. When one is given back, the first on the list gets it and is told by mail at once.";

export const waitlisted: MailTexts = {
  en: (facts, { link }) => ({
    subject: `On the list, number ${facts.position}: ${titleAndStart(facts)}`,
    news: `You are number ${facts.position} on the waitlist for ${facts.title}.`,
    button: { label: "See my place", url: link },
    details: details(facts),
    after: [means, "You no longer want to come? Leave the list on the same page.", ask(facts)],
    foot: whyAttendee(facts),
    text: paragraphs(
      `You are number ${facts.position} on the waitlist for ${facts.title}.`,
      means,
      detailLines(details(facts)),
      `See your place, or leave the list:\n${link}`,
      ask(facts),
      `-- \n${whyAttendee(facts)}`,
    ),
  }),
};
