import { InvitationsTab } from "@/components/workshops/invitations-tab";
import { inviteView } from "@/components/workshops/invite-view";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { listInvites } from "@/server/invites/invites";
import { readQuotas } from "@/server/invites/quotas";
import { consolePaths } from "@/server/paths";
import { readWorkshop } from "../../read";

export default async function InvitationsPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { title, startsAt, endsAt, timeZone, state, languages, accountManagers } = await readWorkshop(id);
  const ctx = await memberContext(consolePaths.workshop(id, "invitations"));
  const [rows, quotas] = await pageOrNotFound(() =>
    Promise.all([listInvites(ctx, { workshopId: id }), readQuotas(ctx, { workshopId: id })]),
  );
  const owners = accountManagers.map(({ memberId, name }) => ({ memberId, name }));
  return (
    <InvitationsTab
      workshop={{ id, title, startsAt, endsAt, timeZone, state, languages, accountManagers: owners }}
      invites={rows.map(inviteView)}
      quotas={quotas}
      mine={{ memberId: ctx.actor.memberId, manager: ctx.actor.role === "account_manager" }}
    />
  );
}
