import type { Facts } from "@/server/mail/facts";
import { detailLines, type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { details, titleAndStart, whyMember } from "@/server/mail/templates/english";

/** What the account manager may paste into a mail of their own. */
function ready(facts: Facts, link: string): string {
  const what = facts.hasSandbox ? "a hands-on workshop, each with an AWS account of their own" : "a hands-on workshop";
  const when = facts.when ? `, ${facts.when}` : "";
  const where = facts.place ? `\n${facts.place}` : "";
  return `I would like to invite you to ${facts.title}, ${what}${when}.${where}\nHere is what it is about, and where you register: ${link}`;
}

function limits(facts: Facts) {
  return [
    { label: "Customer", value: facts.customerName },
    { label: "Seats by this link", value: facts.seatLimit === null ? "" : String(facts.seatLimit) },
    { label: "Works until", value: facts.inviteExpires },
  ].filter((detail) => detail.value !== "");
}

export const invitationKit: MailTexts = {
  en: (facts, { link, console }) => ({
    subject: `Your link to invite: ${titleAndStart(facts)}`,
    news: `Registration is open for ${facts.title}. This is your link; who registers by it counts for you.`,
    button: { label: "See who registered", url: console },
    details: [{ label: "Your link", value: link, url: link }, ...details(facts), ...limits(facts)],
    after: ["A text to forward:"],
    forward: ready(facts, link),
    foot: whyMember(facts),
    text: paragraphs(
      `Registration is open for ${facts.title}.\nYour link to invite customers; who registers by it counts for you:\n${link}`,
      detailLines([...details(facts), ...limits(facts)]),
      `A text to forward:\n\n${ready(facts, link)}`,
      `See who registered: ${console}`,
      `-- \n${whyMember(facts)}`,
    ),
  }),
};
