import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { details, lines, signature, titled } from "@/server/mail/templates/shared";

export const confirmAddress = inEachLanguage((facts, { link }, t) => {
  const { title, contact } = facts;
  const news = t("confirm_address.news", { title });
  const invites = t("confirm_address.invites", { name: contact.name });
  return {
    subject: t("confirm_address.subject", { titled: titled(facts) }),
    news,
    button: { label: t("confirm_address.button"), url: link },
    hint: t("confirm_address.hint"),
    details: details(facts, t),
    after: [invites],
    foot: t("confirm_address.foot"),
    text: paragraphs(
      `${news} ${t("confirm_address.open")}\n${link}`,
      lines(details(facts, t), t),
      invites,
      signature(t("confirm_address.foot")),
    ),
  };
});
