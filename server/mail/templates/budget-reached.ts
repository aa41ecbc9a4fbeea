import type { Facts } from "@/server/mail/facts";
import { detailLines, type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { details, whyMember } from "@/server/mail/templates/english";

const none = { percent: 0, accounts: 0, frozen: 0, amount: "" };

const accounts = (count: number) => (count === 1 ? "1 account" : `${count} accounts`);

const reached = ({ budget }: Facts) => {
  const { percent, accounts: count, amount } = budget ?? none;
  const [has, its] = count === 1 ? ["has", "its"] : ["have", "their"];
  return `${accounts(count)} ${has} reached ${percent >= 100 ? "all" : `${percent} %`} of ${its} budget of ${amount}${count === 1 ? "" : " each"}`;
};

const frozen = ({ budget }: Facts) => {
  const count = budget?.frozen ?? 0;
  if (count === 0) return "Nothing was stopped: the people in it go on working.";
  const [which, them] = count === 1 ? ["1 account is frozen", "it"] : [`${count} accounts are frozen`, "them"];
  return `${which}: nobody can act in ${them} until an admin unfreezes ${them}. What already runs there keeps running, and costing.`;
};

const lag = "AWS reports costs up to a day late, so the real sum may be higher.";

export const budgetReached: MailTexts = {
  en: (facts, { console }) => ({
    subject: `${facts.budget?.percent ?? 0} % of the budget: ${facts.title}`,
    news: `${reached(facts)} in ${facts.title}.`,
    button: { label: "See which", url: console },
    details: details(facts),
    after: [frozen(facts), lag],
    foot: whyMember(facts),
    text: paragraphs(
      `${reached(facts)} in ${facts.title}.`,
      frozen(facts),
      lag,
      `See which:\n${console}`,
      detailLines(details(facts)),
      `-- \n${whyMember(facts)}`,
    ),
  }),
};
