/** The states of an invite, read off what happened to it: none is stored, so none can be wrong. Pure. */

export const inviteStates = [
  "made",
  "mailed",
  "opened",
  "registered",
  "full",
  "declined",
  "expired",
  "revoked",
] as const;

export type InviteState = (typeof inviteStates)[number];

export type InviteHistory = {
  personal: boolean;
  revokedAt: Date | null;
  expiresAt: Date | null;
  declinedAt: Date | null;
  forgottenAt: Date | null;
  seatLimit: number | null;
  mailed: boolean;
  opened: number;
  registered: number;
  /** Seats held through it. */
  confirmed: number;
};

/** How far an invite got, the last word first: whoever registered after all is not declined, a full link is still a link. */
export function inviteState(invite: InviteHistory, now: Date): InviteState {
  if (invite.revokedAt) return "revoked";
  if (invite.personal && invite.registered > 0) return "registered";
  if (invite.declinedAt) return "declined";
  if (invite.forgottenAt || (invite.expiresAt && invite.expiresAt <= now)) return "expired";
  if (!invite.personal && invite.seatLimit !== null && invite.confirmed >= invite.seatLimit) return "full";
  if (invite.registered > 0) return "registered";
  if (invite.opened > 0) return "opened";
  return invite.mailed ? "mailed" : "made";
}
