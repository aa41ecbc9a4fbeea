import { inEachLanguage, paragraphs } from "@/server/mail/templates/content";
import { signature } from "@/server/mail/templates/shared";

export const signInCode = inEachLanguage(({ teamName }, { code }, t) => {
  const foot = t("sign_in_code.foot");
  return {
    subject: t("sign_in_code.subject", { team: teamName }),
    news: t("sign_in_code.news"),
    code,
    details: [],
    after: [t("sign_in_code.notYou")],
    foot,
    text: paragraphs(
      t("sign_in_code.is", { code }),
      t("sign_in_code.once"),
      t("sign_in_code.notYou"),
      signature(`${teamName}. ${foot}`),
    ),
  };
});
