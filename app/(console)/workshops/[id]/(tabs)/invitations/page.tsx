import { InvitationsTab } from "@/components/workshops/invitations-tab";
import { inviteView } from "@/components/workshops/invite-view";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { listInvites } from "@/server/invites/invites";
import { consolePaths } from "@/server/paths";
import { readWorkshop } from "../../read";

export default async function InvitationsPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { title, abstract, place, link, startsAt, endsAt, timeZone, state, accountManagers } = await readWorkshop(id);
  const ctx = await memberContext(consolePaths.workshop(id, "invitations"));
  const rows = await pageOrNotFound(() => listInvites(ctx, { workshopId: id }));
  const now = ctx.clock.now();
  return (
    <InvitationsTab
      workshop={{ id, title, abstract, place, link, startsAt, endsAt, timeZone, state, accountManagers }}
      invites={rows.map((row) => inviteView(row, now))}
      mine={{ memberId: ctx.actor.memberId, manager: ctx.actor.role === "account_manager" }}
    />
  );
}
