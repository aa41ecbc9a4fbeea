import type { Metadata } from "next";
import { messageJson } from "@/components/mail/message-json";
import { MessageScreen } from "@/components/mail/message-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { previewMessage } from "@/server/mail/overview";
import { consolePaths } from "@/server/paths";

export const metadata: Metadata = { title: "Mail" };

/** One mail as it looks, with marks in place of its links. */
export default async function Message({ params }: { params: Promise<{ messageId: string }> }) {
  const { messageId } = await params;
  const ctx = await memberContext(consolePaths.message(messageId));
  const { mail, ...message } = await pageOrNotFound(() => previewMessage(ctx, { messageId }));
  return <MessageScreen message={messageJson(message)} mail={mail} />;
}
