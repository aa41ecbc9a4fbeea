import type { Translate } from "@/server/languages/languages";
import type { Facts } from "@/server/mail/facts";
import { type MailContent, workshopDetails } from "@/server/mail/templates/content";

/** Pieces that several mails share, in the language of `t`. */

type Words = Translate<"mail">;

export const details = (facts: Facts, t: Words) =>
  workshopDetails(facts, {
    when: t("shared.when"),
    where: t("shared.where"),
    room: t("shared.room"),
    bring: t("shared.bring"),
  });

/** Details as lines of plain text: "When: Tue 12 May". */
export const lines = (rows: MailContent["details"], t: Words) =>
  rows.map(({ label, value }) => `${t("shared.label", { label })} ${value}`).join("\n");

/** "Serverless day, Tue 12 May 09:30, Madrid", without its date where there is none. */
export const titled = ({ title, start }: Facts) => (start ? `${title}, ${start}` : title);

export const ask = ({ contact }: Facts, t: Words) => t("shared.ask", { name: contact.name });

export const why = ({ teamName, deletedAfterDays }: Facts, t: Words) =>
  t("shared.why", { team: teamName, days: deletedAfterDays });

/** The button that leads to "my workshop". */
export const openMine = (link: string, t: Words) => ({ label: t("shared.open"), url: link });

/** What stands under a mail in plain text. */
export const signature = (foot: string) => `-- \n${foot}`;
