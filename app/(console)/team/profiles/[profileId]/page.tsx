import type { Metadata } from "next";
import { ProfileScreen } from "@/components/profiles/profile-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { getProfile } from "@/server/sandboxes/sandboxes";

export const metadata: Metadata = { title: "Sandbox profile" };

/** One profile: admins change it, solutions architects read it. */
export default async function Profile({ params }: { params: Promise<{ profileId: string }> }) {
  const { profileId } = await params;
  const ctx = await memberContext(consolePaths.profile(profileId));
  const profile = await pageOrNotFound(() => getProfile(ctx, { profileId }));
  return <ProfileScreen profile={profile} region={ctx.env.AWS_REGION} mayEdit={profile.mayEdit} />;
}
