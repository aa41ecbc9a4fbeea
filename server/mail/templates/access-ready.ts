import { type MailTexts, paragraphs } from "@/server/mail/templates/content";
import { whyAttendee } from "@/server/mail/templates/english";

const inside = "The console opens there with one click, and the keys for your own tools are beside it.";
const over = "The account is emptied when the workshop ends. Copy what you want to keep before then.";

export const accessReady: MailTexts = {
  en: (facts, { link }) => ({
    subject: `Your AWS account is ready: ${facts.title}`,
    news: `Your AWS account for ${facts.title} is ready.`,
    button: { label: "Enter", url: link },
    hint: inside,
    details: [],
    after: [over, "Stuck? Ask in the room, or answer this mail."],
    foot: whyAttendee(facts),
    text: paragraphs(
      `Your AWS account for ${facts.title} is ready. Enter here:\n${link}`,
      inside,
      over,
      "Stuck? Ask in the room, or answer this mail.",
      `-- \n${whyAttendee(facts)}`,
    ),
  }),
};
