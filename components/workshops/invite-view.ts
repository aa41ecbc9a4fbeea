import type { InviteRow } from "@/server/invites/invites";
import type { InviteState } from "@/server/invites/lifecycle";

/** An invite as the screens show it: plain values. */
export type InviteView = {
  id: string;
  kind: "shared" | "customer" | "personal";
  /** Whose link it is. */
  owner: string;
  ownerId: string;
  customer: string | null;
  customerId: string | null;
  /** Of a personal link, until its address is deleted. */
  email: string | null;
  name: string | null;
  note: string;
  locale: string;
  seatLimit: number | null;
  /** ISO 8601. */
  expiresAt: string | null;
  createdAt: string;
  revokeReason: string | null;
  opened: number;
  registered: number;
  waitlisted: number;
  confirmed: number;
  state: InviteState;
  /** A mail with it is on its way. */
  mailing: boolean;
  mailProblem: string | null;
  /** Why its address cannot register any more. */
  domainProblem: string | null;
  /** Null once revoked. */
  link: string | null;
};

export const kindWords: Record<InviteView["kind"], string> = {
  shared: "Shared",
  customer: "For a customer",
  personal: "Personal",
};

export const languageWords: Record<string, string> = {
  en: "English",
  es: "Spanish",
  pt: "Portuguese",
  it: "Italian",
  fr: "French",
};

/** Whom a link is for, in words. */
export function forWhom(invite: Pick<InviteView, "kind" | "customer" | "name" | "email">): string {
  if (invite.kind === "personal") return invite.name ?? invite.email ?? "an address that was deleted";
  return invite.customer ?? "everybody";
}

export function inviteView(row: InviteRow): InviteView {
  const { id, note, locale, seatLimit, revokeReason, opened, registered, waitlisted, confirmed, link, state } = row;
  const { mailing, mailProblem, domainProblem, email, name } = row;
  return {
    ...{ id, note, locale, seatLimit, revokeReason, opened, registered, waitlisted, confirmed, link, state },
    ...{ mailing, mailProblem, domainProblem, email, name },
    kind: row.personal ? "personal" : row.customer ? "customer" : "shared",
    owner: row.member.name,
    ownerId: row.member.id,
    customer: row.customer?.name ?? null,
    customerId: row.customer?.id ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}
