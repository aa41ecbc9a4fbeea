import type { Metadata } from "next";
import { TextEditor } from "@/components/mail/text-editor";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { readMailText } from "@/server/mail/texts";
import { consolePaths } from "@/server/paths";

export const metadata: Metadata = { title: "Words of a mail" };

type Props = { params: Promise<{ kind: string; language: string }> };

/** Subject, headline and paragraphs of one kind of mail in one language. */
export default async function MailText({ params }: Props) {
  const { kind, language } = await params;
  const ctx = await memberContext(consolePaths.mailText(kind, language));
  const text = await pageOrNotFound(() => readMailText(ctx, { kind, language }));
  return <TextEditor key={`${text.kind} ${text.language}`} text={text} />;
}
