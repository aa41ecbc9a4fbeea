import type { Metadata } from "next";
import { TextsScreen } from "@/components/mail/texts-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { readLogo } from "@/server/mail/logo";
import { listMailTexts } from "@/server/mail/texts";
import { consolePaths } from "@/server/paths";

export const metadata: Metadata = { title: "Words of mails" };

/** Which mails speak with the team's own words, and the picture at their head. */
export default async function MailTexts() {
  const ctx = await memberContext(consolePaths.mailTexts());
  const [{ texts }, logo] = await pageOrNotFound(() => Promise.all([listMailTexts(ctx), readLogo(ctx)]));
  return <TextsScreen texts={texts} logo={logo} mayEditLogo={ctx.actor.role === "admin"} />;
}
