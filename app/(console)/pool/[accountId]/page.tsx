import type { Metadata } from "next";
import { AccountScreen } from "@/components/pool/account-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { mayDo } from "@/server/permissions";
import { getAccount } from "@/server/sandboxes/sandboxes";
import { listMembers } from "@/server/teams/teams";

export const metadata: Metadata = { title: "Sandbox account" };

/** One sandbox account: what it is doing, who had it, how it was emptied. */
export default async function Account({ params }: { params: Promise<{ accountId: string }> }) {
  const { accountId } = await params;
  const ctx = await memberContext(consolePaths.account(accountId));
  const [account, members] = await pageOrNotFound(() =>
    Promise.all([getAccount(ctx, { accountId }), listMembers(ctx)]),
  );
  return (
    <AccountScreen
      account={account}
      names={Object.fromEntries(members.map((member) => [member.memberId, member.name]))}
      mayEdit={mayDo(ctx.actor.role, "pool.edit")}
    />
  );
}
