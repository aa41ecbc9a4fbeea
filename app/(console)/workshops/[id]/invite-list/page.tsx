import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { InviteList } from "@/components/workshops/invite-list";
import { memberContext } from "@/server/http/members";
import { consolePaths } from "@/server/paths";
import { readWorkshop } from "../read";

export const metadata: Metadata = { title: "Invite a list" };

/** Addresses pasted or read from a file, looked at line by line, then invited. */
export default async function InviteListPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { title, timeZone, languages, state, accountManagers } = await readWorkshop(id);
  const { actor } = await memberContext(consolePaths.inviteList(id));
  const manager = actor.role === "account_manager";
  const owners = accountManagers.flatMap(({ memberId, name }) =>
    !manager || memberId === actor.memberId ? { memberId, name } : [],
  );
  if (owners.length === 0 || !["draft", "registration", "open"].includes(state))
    redirect(consolePaths.workshop(id, "invitations"));
  return (
    <InviteList
      workshop={{ id, title, timeZone, languages, draft: state === "draft" }}
      owners={owners}
      manager={manager}
    />
  );
}
