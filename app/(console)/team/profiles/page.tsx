import type { Metadata } from "next";
import { ProfilesScreen } from "@/components/profiles/profiles-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { mayDo } from "@/server/permissions";
import { listProfiles } from "@/server/sandboxes/sandboxes";

export const metadata: Metadata = { title: "Sandbox profiles" };

/** What attendees can get; admins change it, solutions architects read it. */
export default async function Profiles() {
  const ctx = await memberContext(consolePaths.profiles());
  const profiles = await pageOrNotFound(() => listProfiles(ctx));
  return <ProfilesScreen profiles={profiles} mayEdit={mayDo(ctx.actor.role, "profile.edit")} />;
}
