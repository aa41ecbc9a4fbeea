import type { Facts } from "@/server/mail/facts";
import { type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { whyMember } from "@/server/mail/templates/english";

const digestOf = ({ news }: Facts) => (news?.of === "digest" ? news : { workshops: [], attention: [] });

function news(facts: Facts): string {
  const { length } = digestOf(facts).workshops;
  if (length === 0) return "No workshop of yours in the next six weeks.";
  return length === 1 ? "One workshop in the next six weeks." : `${length} workshops in the next six weeks.`;
}

const lines = (facts: Facts) =>
  digestOf(facts).workshops.map(({ title, when, note }) => ({ label: title, value: `${when}. ${note}.` }));

export const weeklyDigest: MailTexts = {
  en: (facts, { console }) => ({
    subject: `Your week in ${facts.teamName}: ${news(facts).replace(/\.$/, "").toLowerCase()}`,
    news: news(facts),
    button: { label: "Open Atelier", url: console },
    details: lines(facts),
    after: [...digestOf(facts).attention],
    foot: whyMember(facts),
    text: paragraphs(
      news(facts),
      digestOf(facts).attention.join("\n"),
      lines(facts)
        .map(({ label, value }) => `${label}\n  ${value}`)
        .join("\n"),
      `Open Atelier:\n${console}`,
      `-- \n${whyMember(facts)}`,
    ),
  }),
};
