import { type MailTexts, paragraphs } from "@/server/mail/templates/content";

export const signInCode: MailTexts = {
  en: (facts, { code }) => ({
    subject: `Your code for ${facts.teamName}`,
    news: "Here is your code. It works once, for 10 minutes.",
    code,
    details: [],
    after: ["You did not ask for it? Then somebody typed your address. Without the code they get nowhere."],
    foot: "Nobody of the team will ever ask you for this code.",
    text: paragraphs(
      `Your code is ${code}`,
      "It works once, for 10 minutes.",
      "You did not ask for it? Then somebody typed your address. Without the code they get nowhere.",
      `-- \n${facts.teamName}. Nobody of the team will ever ask you for this code.`,
    ),
  }),
};
