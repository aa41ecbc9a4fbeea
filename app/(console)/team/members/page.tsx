import type { Metadata } from "next";
import { MembersScreen } from "@/components/team/members-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { mayDo } from "@/server/permissions";
import { listMembers } from "@/server/teams/teams";

export const metadata: Metadata = { title: "Members" };

/** Who belongs to the team, and as what. */
export default async function Members() {
  const ctx = await memberContext(consolePaths.members());
  const members = await pageOrNotFound(() => listMembers(ctx));
  return (
    <MembersScreen
      members={members.map(({ since, ...member }) => ({ ...member, since: since.toISOString() }))}
      mayEdit={mayDo(ctx.actor.role, "team.edit")}
    />
  );
}
