import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ProfileScreen } from "@/components/profiles/profile-screen";
import { memberContext } from "@/server/http/members";
import { consolePaths } from "@/server/paths";
import { mayDo } from "@/server/permissions";

export const metadata: Metadata = { title: "New sandbox profile" };

export default async function NewProfile() {
  const ctx = await memberContext(consolePaths.newProfile());
  if (!mayDo(ctx.actor.role, "profile.edit")) notFound();
  return <ProfileScreen profile={null} region={ctx.env.AWS_REGION} mayEdit />;
}
