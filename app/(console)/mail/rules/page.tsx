import type { Metadata } from "next";
import { ruleJson } from "@/components/mail/rule-json";
import { RulesScreen } from "@/components/mail/rules-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { teamMailRules } from "@/server/mail/timeline";
import { consolePaths } from "@/server/paths";

export const metadata: Metadata = { title: "Mail rules" };

/** Which mail goes to whom, when: the team's defaults. */
export default async function MailRules() {
  const ctx = await memberContext(consolePaths.mailRules());
  const rules = await pageOrNotFound(() => teamMailRules(ctx));
  return <RulesScreen rules={rules.map(ruleJson)} mayEdit={rules.some((rule) => rule.mayEdit)} />;
}
