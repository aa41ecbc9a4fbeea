import type { Facts } from "@/server/mail/facts";
import { workshopDetails } from "@/server/mail/templates/content";

/** Pieces that several mails to members share, which are in English; shared.ts has those of mails to customers. */

export const details = (facts: Facts) =>
  workshopDetails(facts, { when: "When", where: "Where", room: "Link", bring: "Bring" });

/** ": Serverless day, Tue 12 May 09:30, Madrid" without its date where there is none. */
export const titleAndStart = ({ title, start }: Facts) => (start ? `${title}, ${start}` : title);

export const whyMember = ({ teamName }: Facts) => `You get this as a member of ${teamName} in Atelier.`;
