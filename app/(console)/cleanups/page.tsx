import type { Metadata } from "next";
import { CleanupsScreen } from "@/components/cleanups/cleanups-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { listCleanups } from "@/server/sandboxes/sandboxes";

export const metadata: Metadata = { title: "Cleanups" };

/** Every run of the cleaner on the team's accounts. */
export default async function Cleanups() {
  const ctx = await memberContext(consolePaths.cleanups());
  const cleanups = await pageOrNotFound(() => listCleanups(ctx));
  return <CleanupsScreen cleanups={cleanups} />;
}
