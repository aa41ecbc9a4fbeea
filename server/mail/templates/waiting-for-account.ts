import { type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { ask, whyAttendee } from "@/server/mail/templates/english";

const next =
  "You are next as soon as one is free, and a mail tells you at once. Your seat is safe; follow along until then.";

export const waitingForAccount: MailTexts = {
  en: (facts, { link }) => ({
    subject: `Your AWS account is on its way: ${facts.title}`,
    news: `${facts.title} has begun, and all AWS accounts are in use just now.`,
    button: { label: "Open my workshop", url: link },
    details: [],
    after: [next, ask(facts)],
    foot: whyAttendee(facts),
    text: paragraphs(
      `${facts.title} has begun, and all AWS accounts are in use just now.`,
      next,
      `Your workshop page:\n${link}`,
      ask(facts),
      `-- \n${whyAttendee(facts)}`,
    ),
  }),
};
