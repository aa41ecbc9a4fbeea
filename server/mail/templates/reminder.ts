import type { Facts } from "@/server/mail/facts";
import { detailLines, type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { ask, details, titleAndStart, whyAttendee } from "@/server/mail/templates/english";

const prepare = ({ hasSandbox }: Facts) =>
  hasSandbox ? "Your AWS account is made for you on the day; you need no account of your own." : "";

const cannot = "You cannot come? Cancel there, and somebody on the list gets your seat.";

export const reminder: MailTexts = {
  en: (facts, { link }) => ({
    subject: `In two days: ${titleAndStart(facts)}`,
    news: `${facts.title} is in two days, and your seat is waiting.`,
    button: { label: "Open my workshop", url: link },
    hint: cannot,
    details: details(facts),
    after: [prepare(facts), ask(facts)].filter((sentence) => sentence !== ""),
    foot: whyAttendee(facts),
    text: paragraphs(
      `${facts.title} is in two days, and your seat is waiting.`,
      detailLines(details(facts)),
      prepare(facts),
      `Your workshop page:\n${link}\n${cannot}`,
      ask(facts),
      `-- \n${whyAttendee(facts)}`,
    ),
  }),
};
