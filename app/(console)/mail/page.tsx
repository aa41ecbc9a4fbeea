import type { Metadata } from "next";
import { MailScreen } from "@/components/mail/mail-screen";
import { messageJson } from "@/components/mail/message-json";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { listMessages } from "@/server/mail/overview";
import { consolePaths } from "@/server/paths";

export const metadata: Metadata = { title: "Mail" };

/** What goes to whom when, and what did not arrive. */
export default async function Mail() {
  const ctx = await memberContext(consolePaths.mail());
  const messages = await pageOrNotFound(() => listMessages(ctx));
  return (
    <MailScreen
      messages={messages.map(messageJson)}
      own={ctx.actor.role === "account_manager"}
      admin={ctx.actor.role === "admin"}
    />
  );
}
