import type { Metadata } from "next";
import { TeamHomePage } from "@/components/workshops/home";
import { ManagerHomePage } from "@/components/workshops/home-manager";
import { currentSession, memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { teamHome } from "@/server/insights/home";
import { managerHome } from "@/server/insights/home-manager";
import { consolePaths } from "@/server/paths";
import { mayDo } from "@/server/permissions";

export const metadata: Metadata = { title: "Home" };

export default async function HomePage() {
  const ctx = await memberContext(consolePaths.home());
  const name = (await currentSession())?.identity.name ?? "";
  return mayDo(ctx.actor.role, "sandbox.read") ? (
    <TeamHomePage home={await pageOrNotFound(() => teamHome(ctx))} name={name} />
  ) : (
    <ManagerHomePage home={await pageOrNotFound(() => managerHome(ctx))} name={name} />
  );
}
