import type { Facts } from "@/server/mail/facts";
import { workshopDetails } from "@/server/mail/templates/content";

/** Pieces that several English mails share. */

export const details = (facts: Facts) =>
  workshopDetails(facts, { when: "When", where: "Where", room: "Link", bring: "Bring" });

/** ": Serverless day, Tue 12 May 09:30, Madrid" without its date where there is none. */
export const titleAndStart = ({ title, start }: Facts) => (start ? `${title}, ${start}` : title);

export const ask = ({ contact }: Facts) => `Questions? Answer this mail; it reaches ${contact.name}.`;

function deletion(days: number): string {
  if (days === 0) return "when the workshop closes";
  return days === 1 ? "a day after the workshop" : `${days} days after the workshop`;
}

export const whyAttendee = ({ teamName, deletedAfterDays }: Facts) =>
  `You get this because you registered with ${teamName}. Your data is deleted ${deletion(deletedAfterDays)}.`;

export const whyMember = ({ teamName }: Facts) => `You get this as a member of ${teamName} in Atelier.`;
