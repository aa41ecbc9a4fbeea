import type { Metadata } from "next";
import { PoolScreen } from "@/components/pool/pool-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { mayDo } from "@/server/permissions";
import { poolOverview } from "@/server/sandboxes/sandboxes";

export const metadata: Metadata = { title: "Pool" };

/** The team's sandbox accounts: which are free, who has the others, and what is wrong. */
export default async function Pool() {
  const ctx = await memberContext(consolePaths.pool());
  const pool = await pageOrNotFound(() => poolOverview(ctx));
  return (
    <PoolScreen
      pool={pool}
      cloudOff={Boolean(ctx.env.ATELIER_CLOUD_OFF)}
      mayEdit={mayDo(ctx.actor.role, "pool.edit")}
    />
  );
}
