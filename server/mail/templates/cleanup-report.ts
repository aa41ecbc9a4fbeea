import type { Facts } from "@/server/mail/facts";
import { detailLines, type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { details, whyMember } from "@/server/mail/templates/english";

const none = { of: "cleanup", accounts: 0, quarantined: [], found: 0, removed: 0, minutes: 0 } as const;
const cleanupOf = ({ news }: Facts) => (news?.of === "cleanup" ? news : none);
const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

function news(facts: Facts): string {
  const { accounts, quarantined } = cleanupOf(facts);
  if (accounts === 0) return `${facts.title} is closed; no account was lent.`;
  const back = accounts - quarantined.length;
  const aside = quarantined.length === 0 ? "" : `, ${counted(quarantined.length, "is", "are")} quarantined`;
  return `${facts.title} is closed: ${back} of ${counted(accounts, "account is", "accounts are")} empty and back${aside}.`;
}

function numbers(facts: Facts) {
  const { quarantined, found, removed, minutes } = cleanupOf(facts);
  return [
    { label: "Found and removed", value: `${counted(found, "resource", "resources")} found, ${removed} removed` },
    { label: "Took", value: minutes > 0 ? counted(minutes, "minute", "minutes") : "" },
    { label: "Quarantined", value: quarantined.slice(0, 20).join(", ") },
  ].filter(({ value }) => value !== "");
}

const next = (facts: Facts) =>
  cleanupOf(facts).quarantined.length === 0
    ? "There is nothing left to do."
    : "A quarantined account denies everything to everybody but Atelier. Its page says what is wrong and what to do.";

export const cleanupReport: MailTexts = {
  en: (facts, { console }) => ({
    subject: `${cleanupOf(facts).quarantined.length > 0 ? "Closed, some quarantined" : "Closed and emptied"}: ${facts.title}`,
    news: news(facts),
    button: { label: "See what became of each account", url: console },
    details: [...numbers(facts), ...details(facts)],
    after: [next(facts)],
    foot: whyMember(facts),
    text: paragraphs(
      news(facts),
      detailLines(numbers(facts)),
      next(facts),
      `See what became of each account:\n${console}`,
      `-- \n${whyMember(facts)}`,
    ),
  }),
};
