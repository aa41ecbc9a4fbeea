import type { Facts } from "@/server/mail/facts";
import { type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { whyAttendee } from "@/server/mail/templates/english";

const gone = ({ hasSandbox }: Facts) =>
  hasSandbox ? "Your AWS account is closed and being emptied; you owe nothing and need not do anything." : "";

const next = ({ contact }: Facts) => `What would you build next? Answer this mail; it reaches ${contact.name}.`;

export const thanks: MailTexts = {
  en: (facts, { link }) => ({
    subject: `Thanks for coming: ${facts.title}`,
    news: `Thank you for being part of ${facts.title}.`,
    button: { label: "Open my workshop", url: link },
    hint: "It stays there until your data is deleted.",
    details: [],
    after: [gone(facts), next(facts)].filter((sentence) => sentence !== ""),
    foot: whyAttendee(facts),
    text: paragraphs(
      `Thank you for being part of ${facts.title}.`,
      gone(facts),
      next(facts),
      `Your workshop page, until your data is deleted:\n${link}`,
      `-- \n${whyAttendee(facts)}`,
    ),
  }),
};
