import type { Metadata } from "next";
import { CleanupScreen } from "@/components/cleanups/cleanup-screen";
import { packChecks } from "@/components/cleanups/matrix";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { getCleanup } from "@/server/sandboxes/sandboxes";

export const metadata: Metadata = { title: "Cleanup" };

/** One run of the cleaner with its evidence, filling while it goes. */
export default async function Cleanup({ params }: { params: Promise<{ cleanupId: string }> }) {
  const { cleanupId } = await params;
  const ctx = await memberContext(consolePaths.cleanup(cleanupId));
  const cleanup = await pageOrNotFound(() => getCleanup(ctx, { cleanupId }));
  const { cells, ...head } = cleanup;
  return <CleanupScreen cleanup={head} checks={packChecks(cells)} />;
}
