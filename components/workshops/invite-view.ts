import type { InviteView } from "@/components/workshops/invitations-tab";
import type { InviteRow } from "@/server/invites/invites";

/** An invite as plain values, with the one word that says whether it still works. */
export function inviteView(row: InviteRow, now: Date): InviteView {
  const { id, note, seatLimit, revokeReason, opened, registered, waitlisted, confirmed, link } = row;
  const state = row.revokedAt
    ? "revoked"
    : row.expiresAt && row.expiresAt <= now
      ? "expired"
      : seatLimit !== null && confirmed >= seatLimit
        ? "full"
        : "active";
  return {
    ...{ id, note, seatLimit, revokeReason, opened, registered, waitlisted, confirmed, link, state },
    owner: row.member.name,
    customer: row.customer?.name ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
  };
}
