import type { Metadata } from "next";
import { SettingsScreen } from "@/components/team/settings-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { mayDo } from "@/server/permissions";
import { currentTeam, listMembers } from "@/server/teams/teams";

export const metadata: Metadata = { title: "Settings" };

/** What holds for the whole team; admins change it, the others read it. */
export default async function Settings() {
  const ctx = await memberContext(consolePaths.settings());
  const [team, members] = await pageOrNotFound(() => Promise.all([currentTeam(ctx), listMembers(ctx)]));
  const { organizationalUnits, organizationProblem, organizationCheckedAt, slug, ...settings } = team;
  const { name, timeZone, locale, senderName, senderEmail, accentColor, ...days } = settings;
  const { anonymizeAfterDays, unverifiedDeleteDays, cancelledAnonymizeDays, cooldownHours, accountEmailPattern } = days;
  return (
    <SettingsScreen
      settings={{
        ...{ name, timeZone, locale, senderName, senderEmail, accentColor },
        ...{ anonymizeAfterDays, unverifiedDeleteDays, cancelledAnonymizeDays, cooldownHours, accountEmailPattern },
      }}
      organization={{
        slug,
        units: organizationalUnits !== null,
        problem: organizationProblem,
        checkedAt: organizationCheckedAt?.toISOString() ?? null,
        cloudOff: ctx.env.ATELIER_CLOUD_OFF ?? null,
      }}
      zones={Intl.supportedValuesOf("timeZone")}
      mayEdit={mayDo(ctx.actor.role, "team.edit")}
      mayReadPool={mayDo(ctx.actor.role, "sandbox.read")}
      admins={members.filter((member) => member.role === "admin").map((member) => member.name)}
    />
  );
}
