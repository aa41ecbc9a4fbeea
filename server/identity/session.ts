import type { Context } from "@/server/context";
import type { Tx } from "@/server/db";
import { hashToken, makeToken } from "@/server/ids";
import type { MemberActor, MemberRole } from "@/server/permissions";

/**
 * Sessions of members: an opaque token in a cookie, its hash in a row. A session ends after twelve hours without use and seven
 * days after signing in, whatever happens first; every sign-in makes a new token.
 */

const hour = 3_600_000;
const idleMilliseconds = 12 * hour;
const longestMilliseconds = 7 * 24 * hour;

export type Membership = { teamId: string; teamName: string; role: MemberRole; memberId: string };

export type SignedIn = {
  sessionId: string;
  actor: MemberActor;
  identity: { name: string; email: string };
  /** Every team that the identity belongs to now, by name. */
  memberships: Membership[];
};

/** Makes a session in the team of the identity's last one, or its oldest membership; returns the token, kept nowhere else. */
export async function createSession(ctx: Context, tx: Tx, identityId: string): Promise<string> {
  const now = ctx.clock.now();
  const members = await tx.member.findMany({
    where: { identityId, removedAt: null },
    orderBy: { createdAt: "asc" },
    select: { teamId: true },
  });
  const last = await tx.session.findFirst({
    where: { identityId, teamId: { in: members.map((member) => member.teamId) } },
    orderBy: { createdAt: "desc" },
    select: { teamId: true },
  });
  const token = makeToken();
  await tx.session.create({
    data: {
      id: ctx.newId("session"),
      tokenHash: hashToken(token),
      identityId,
      teamId: last?.teamId ?? members[0]?.teamId ?? null,
      createdAt: now,
      expiresAt: new Date(now.getTime() + idleMilliseconds),
    },
  });
  return token;
}

type Row = Membership & {
  sessionId: string;
  createdAt: Date;
  expiresAt: Date;
  chosen: string | null;
  identityId: string;
  name: string;
  email: string;
};

/**
 * Who a session's token stands for, in one query, or null: unknown, ended, signed out, or no longer a member of any team. A
 * member removed from the chosen team continues in another of theirs. Using a session keeps it alive.
 */
export async function sessionActor(ctx: Context, token: string): Promise<SignedIn | null> {
  const now = ctx.clock.now();
  const rows = await ctx.db.$queryRaw<Row[]>`
    select s.id as "sessionId", s."createdAt", s."expiresAt", s."teamId" as "chosen",
           i.id as "identityId", i.name, i.email,
           m.id as "memberId", m."teamId", m.role::text as "role", t.name as "teamName"
    from "Session" s
    join "Identity" i on i.id = s."identityId"
    join "Member" m on m."identityId" = i.id and m."removedAt" is null
    join "Team" t on t.id = m."teamId"
    where s."tokenHash" = ${hashToken(token)} and s."revokedAt" is null and s."expiresAt" > ${now}
    order by t.name, t.id`;
  const row = rows.find((one) => one.teamId === one.chosen) ?? rows[0];
  if (!row) return null;
  await keepAlive(ctx, row, now);
  const { memberId, identityId, teamId, role } = row;
  return {
    sessionId: row.sessionId,
    actor: { kind: "member", memberId, identityId, teamId, role },
    identity: { name: row.name, email: row.email },
    memberships: rows.map((one) => ({
      teamId: one.teamId,
      teamName: one.teamName,
      role: one.role,
      memberId: one.memberId,
    })),
  };
}

/** Moves the end of a session that is used, at most once an hour. */
async function keepAlive(ctx: Context, row: Row, now: Date): Promise<void> {
  const end = Math.min(now.getTime() + idleMilliseconds, row.createdAt.getTime() + longestMilliseconds);
  if (end - row.expiresAt.getTime() < hour) return;
  await ctx.db.session.updateMany({
    where: { id: row.sessionId, revokedAt: null },
    data: { expiresAt: new Date(end) },
  });
}

export type OwnSession = { id: string; createdAt: Date; expiresAt: Date };

/** The sessions of the member's identity that still work, in all browsers, the newest first. */
export async function listSessions(ctx: Context<MemberActor>): Promise<OwnSession[]> {
  return ctx.db.session.findMany({
    where: { identityId: ctx.actor.identityId, revokedAt: null, expiresAt: { gt: ctx.clock.now() } },
    select: { id: true, createdAt: true, expiresAt: true },
    orderBy: { createdAt: "desc" },
  });
}
