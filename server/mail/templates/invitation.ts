import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { ask, details, lines, signature, titled } from "@/server/mail/templates/shared";

/** An account manager's invitation to one address. */
export const invitation = inEachLanguage((facts, { link }, t) => {
  const { title, contact, teamName, deletedAfterDays, hasSandbox, inviteExpires } = facts;
  const news = t("invitation.news", { name: contact.name, title });
  const rows = [...details(facts, t), { label: t("invitation.until"), value: inviteExpires }].filter(
    ({ value }) => value !== "",
  );
  const after = [ask(facts, t), t("invitation.decline")];
  const foot = t("invitation.why", { name: contact.name, team: teamName, days: deletedAfterDays });
  return {
    subject: t("invitation.subject", { titled: titled(facts) }),
    news,
    button: { label: t("invitation.button"), url: link },
    ...(hasSandbox ? { hint: t("invitation.sandbox") } : {}),
    details: rows,
    after,
    foot,
    text: paragraphs(
      news,
      hasSandbox && t("invitation.sandbox"),
      `${t("shared.label", { label: t("invitation.button") })} ${link}`,
      lines(rows, t),
      ...after,
      signature(foot),
    ),
  };
});
