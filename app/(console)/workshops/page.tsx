import type { Metadata } from "next";
import { WorkshopList } from "@/components/workshops/workshop-list";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { mayDo } from "@/server/permissions";
import { listWorkshops } from "@/server/workshops/views";

export const metadata: Metadata = { title: "Workshops" };

export default async function WorkshopsPage() {
  const ctx = await memberContext(consolePaths.workshops());
  const workshops = await pageOrNotFound(() => listWorkshops(ctx));
  return <WorkshopList workshops={workshops} mayEdit={mayDo(ctx.actor.role, "workshop.edit")} />;
}
