import type { Facts } from "@/server/mail/facts";
import { detailLines, type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { details, whyMember } from "@/server/mail/templates/english";

const machines = (count: number) => (count === 1 ? "1 machine" : `${count} machines`);

const news = (facts: Facts) =>
  `${machines(facts.machines)} emptied the accounts of ${facts.title} and ${facts.machines === 1 ? "has" : "have"} stopped. ECS confirmed it for each.`;

const lost = ({ lostMachines }: Facts) =>
  lostMachines === 0
    ? "None stopped before it was done."
    : `${machines(lostMachines)} stopped before ${lostMachines === 1 ? "it was" : "they were"} done; another took over, or the account is quarantined.`;

export const machinesStopped: MailTexts = {
  en: (facts, { console }) => ({
    subject: `${machines(facts.machines)} stopped: ${facts.title}`,
    news: news(facts),
    button: { label: "See what became of each account", url: console },
    details: details(facts),
    after: [lost(facts)],
    foot: whyMember(facts),
    text: paragraphs(
      news(facts),
      lost(facts),
      `See what became of each account:\n${console}`,
      detailLines(details(facts)),
      `-- \n${whyMember(facts)}`,
    ),
  }),
};
