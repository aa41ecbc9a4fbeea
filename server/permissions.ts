import { notFound } from "@/server/errors";

/** Who may do what: the only place. Pages, actions, routes and jobs all ask here, from inside the use case. */

export type MemberRole = "account_manager" | "solutions_architect" | "admin";

/** A signed-in member, in the team that the session names. */
export type MemberActor = { kind: "member"; memberId: string; identityId: string; teamId: string; role: MemberRole };
/** A browser that entered by a personal link; `verified` once it confirmed by mail or by a facilitator's code. */
export type AttendeeActor = { kind: "attendee"; teamId: string; registrationId: string; verified: boolean };
/** Somebody on a public page. */
export type VisitorActor = { kind: "visitor" };
/** A job (`clock`) or the command line (`operator`). */
export type SystemActor = { kind: "system"; by: "clock" | "operator" };
export type Actor = MemberActor | AttendeeActor | VisitorActor | SystemActor;

/** Every act in the console with the roles that may do it. Own = only what is attributed to the member. */
const table = {
  "workshop.read": ["account_manager", "solutions_architect", "admin"],
  "workshop.edit": ["solutions_architect", "admin"],
  "workshop.move": ["solutions_architect", "admin"],
  "feed.presenting": ["account_manager", "solutions_architect", "admin"],
  "feed.inviting": ["account_manager"],
  "feed.team": ["solutions_architect", "admin"],
  "invite.read": ["account_manager", "solutions_architect", "admin"],
  "invite.edit": ["account_manager", "solutions_architect", "admin"],
  "registration.read": ["account_manager", "solutions_architect", "admin"],
  "registration.edit": ["account_manager", "solutions_architect", "admin"],
  "registration.decide": ["account_manager", "solutions_architect", "admin"],
  "registration.help": ["solutions_architect", "admin"],
  "customer.read": ["account_manager", "solutions_architect", "admin"],
  "sandbox.read": ["solutions_architect", "admin"],
  "sandbox.lease": ["solutions_architect", "admin"],
  "pool.edit": ["admin"],
  "profile.edit": ["admin"],
  "cleanup.run": ["solutions_architect", "admin"],
  "mail.read": ["account_manager", "solutions_architect", "admin"],
  "mail.resend": ["account_manager", "solutions_architect", "admin"],
  "mailtext.read": ["solutions_architect", "admin"],
  "mailtext.edit": ["solutions_architect", "admin"],
  "suppression.read": ["solutions_architect", "admin"],
  "suppression.edit": ["admin"],
  "history.read": ["solutions_architect", "admin"],
  "privacy.anonymize": ["solutions_architect", "admin"],
  "team.read": ["account_manager", "solutions_architect", "admin"],
  "team.edit": ["admin"],
} as const satisfies Record<string, readonly MemberRole[]>;

export type Act = keyof typeof table;

/** Whether a role may do an act at all; which rows is decided by the scopes below. */
export function mayDo(role: MemberRole, act: Act): boolean {
  return (table[act] as readonly MemberRole[]).includes(role);
}

/** The actor as a member who may do the act; anybody else gets the answer for what does not exist. */
export function allowMember(actor: Actor, act: Act): MemberActor {
  if (actor.kind === "member" && mayDo(actor.role, act)) return actor;
  throw notFound("page");
}

/** The team that an act works in, for members allowed to do it and for jobs (which name the team of the row they act on). */
export function allowMemberOrSystem(actor: Actor, act: Act, teamOfRow: string): string {
  if (actor.kind === "system") return teamOfRow;
  const member = allowMember(actor, act);
  if (member.teamId !== teamOfRow) throw notFound("page");
  return member.teamId;
}

/** Where-clause for workshops: an account manager sees those that they may invite to, once registration has opened or before. */
export function workshopScope(actor: MemberActor) {
  return actor.role === "account_manager"
    ? { teamId: actor.teamId, accountManagers: { some: { memberId: actor.memberId } } }
    : { teamId: actor.teamId };
}

/** Where-clause for rows attributed to an account manager (invites, registrations): their own, or the whole team's. */
export function attributedScope(actor: MemberActor) {
  return actor.role === "account_manager"
    ? { teamId: actor.teamId, memberId: actor.memberId }
    : { teamId: actor.teamId };
}

/**
 * Where-clause for the people whom a member may check in: the team's; an account manager's own, and everybody's in a workshop
 * that they present.
 */
export function roomScope(actor: MemberActor) {
  const { teamId, memberId } = actor;
  if (actor.role !== "account_manager") return { teamId };
  return { teamId, OR: [{ memberId }, { workshop: { presenters: { some: { memberId } } } }] };
}

/** Where-clause for the workshops whose door a member may keep: those that they invite to or present, or all of the team. */
export function roomWorkshopScope(actor: MemberActor) {
  const { teamId, memberId } = actor;
  if (actor.role !== "account_manager") return { teamId };
  return { teamId, OR: [{ accountManagers: { some: { memberId } } }, { presenters: { some: { memberId } } }] };
}

/** Where-clause for customers: those of an account manager's own invites and registrations, or the whole team's. */
export function customerScope(actor: MemberActor) {
  if (actor.role !== "account_manager") return { teamId: actor.teamId };
  const own = { some: { memberId: actor.memberId } };
  return { teamId: actor.teamId, OR: [{ invites: own }, { registrations: own }] };
}
