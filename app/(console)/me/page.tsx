import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { MeScreen } from "@/components/team/me-screen";
import { currentSession, memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { listSessions } from "@/server/identity/identity";
import { consolePaths } from "@/server/paths";
import { listFeeds } from "@/server/workshops/feeds";

export const metadata: Metadata = { title: "My settings" };

/** Who is signed in, where they belong, and in which browsers. */
export default async function Me() {
  const ctx = await memberContext(consolePaths.me());
  const session = await currentSession();
  if (!session) notFound();
  const [sessions, feeds] = await pageOrNotFound(() => Promise.all([listSessions(ctx), listFeeds(ctx)]));
  return (
    <MeScreen
      name={session.identity.name}
      email={session.identity.email}
      teamId={ctx.actor.teamId}
      feeds={feeds.map(({ scope, feed }) => ({
        scope,
        feed: feed && { ...feed, createdAt: feed.createdAt.toISOString() },
      }))}
      memberships={session.memberships.map(({ teamId, teamName, role }) => ({ teamId, teamName, role }))}
      sessions={sessions.map(({ id, createdAt, expiresAt }) => ({
        id,
        createdAt: createdAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
        current: id === session.sessionId,
      }))}
    />
  );
}
