import type { Metadata } from "next";
import { SetUpScreen } from "@/components/mail/set-up-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { readSender } from "@/server/mail/identity-check";
import { consolePaths } from "@/server/paths";

export const metadata: Metadata = { title: "Sender of mails" };

/** Whether mails of the team's sender arrive, and what is to be put into DNS for it. */
export default async function MailSetUp() {
  const ctx = await memberContext(consolePaths.mailSetUp());
  return <SetUpScreen sender={await pageOrNotFound(() => readSender(ctx))} />;
}
