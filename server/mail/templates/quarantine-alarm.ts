import type { Facts } from "@/server/mail/facts";
import { type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { whyMember } from "@/server/mail/templates/english";

const quarantineOf = ({ news }: Facts) => (news?.of === "quarantine" ? news : { account: "", reason: "" });

const effect = "It is lent to nobody until it is released, and everything in it is denied but to Atelier.";

export const quarantineAlarm: MailTexts = {
  en: (facts, { console }) => {
    const { account, reason } = quarantineOf(facts);
    const news = `The account ${account} was quarantined.`;
    return {
      subject: `Quarantined: ${account}`,
      news,
      button: { label: "See what to do", url: console },
      details: reason ? [{ label: "Why", value: reason }] : [],
      after: [effect],
      foot: whyMember(facts),
      text: paragraphs(news, reason, effect, `See what to do:\n${console}`, `-- \n${whyMember(facts)}`),
    };
  },
};
