import type { Facts } from "@/server/mail/facts";
import { detailLines, type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { details, whyMember } from "@/server/mail/templates/english";

const news = ({ title, waiting }: Facts) =>
  waiting === 1
    ? `${title} is open, and 1 person waits for an account.`
    : `${title} is open, and ${waiting} people wait for an account.`;

const next =
  "Each account that comes back to the pool goes to the next of them by itself. An admin can free one in the pool.";

export const accountsMissing: MailTexts = {
  en: (facts, { console }) => ({
    subject: `${facts.waiting} without an account: ${facts.title}`,
    news: news(facts),
    button: { label: "See who waits", url: console },
    details: details(facts),
    after: [next],
    foot: whyMember(facts),
    text: paragraphs(
      news(facts),
      next,
      `See who waits:\n${console}`,
      detailLines(details(facts)),
      `-- \n${whyMember(facts)}`,
    ),
  }),
};
