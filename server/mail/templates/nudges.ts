import type { Facts } from "@/server/mail/facts";
import { detailLines, type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { details, titleAndStart, whyMember } from "@/server/mail/templates/english";

const none = { of: "seats", left: 0, limit: null, held: 0, capacity: 0, closes: "" } as const;
const seatsOf = ({ news }: Facts) => (news?.of === "seats" ? news : none);

/** "3 seats left of your 10", "3 of 20 seats are free" */
function left(facts: Facts): string {
  const { left: count, limit, capacity } = seatsOf(facts);
  const seats = count === 1 ? "1 seat" : `${count} seats`;
  return limit === null ? `${seats} of ${capacity} free` : `${seats} left of your ${limit}`;
}

const mine = (facts: Facts) => {
  const { held } = seatsOf(facts);
  return held === 1 ? "1 person you invited has a seat." : `${held} people you invited have a seat.`;
};

const more = (facts: Facts) => [
  ...details(facts),
  ...(seatsOf(facts).closes ? [{ label: "Registration closes", value: seatsOf(facts).closes }] : []),
];

function nudge(subject: (facts: Facts) => string, news: (facts: Facts) => string): MailTexts {
  return {
    en: (facts, { console }) => ({
      subject: subject(facts),
      news: news(facts),
      button: { label: "See who registered, and your links", url: console },
      details: more(facts),
      after: [mine(facts)],
      foot: whyMember(facts),
      text: paragraphs(
        news(facts),
        mine(facts),
        `See who registered, and your links:\n${console}`,
        detailLines(more(facts)),
        `-- \n${whyMember(facts)}`,
      ),
    }),
  };
}

export const nudgeSeats = nudge(
  (facts) => `${left(facts)}: ${titleAndStart(facts)}`,
  (facts) => `${left(facts)} in ${facts.title}.`,
);

export const nudgeClosing = nudge(
  (facts) => `Registration closes soon, ${left(facts)}: ${facts.title}`,
  (facts) => `Registration for ${facts.title} closes soon, with ${left(facts)}.`,
);
