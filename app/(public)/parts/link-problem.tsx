import { Ask, MessagePage } from "@/app/(public)/parts/frame";
import type { LinkPage, LinkProblem } from "@/server/registrations/links";
import { formatDay } from "@/server/times";

const words: Record<LinkProblem, { title: string; body: string; ask: string }> = {
  used: { title: "Your address is confirmed", body: "This link has done its work.", ask: "For anything else, ask" },
  expired: {
    title: "This link has expired",
    body: "Open a newer mail about this workshop, or register again through your invitation: a new link comes by mail.",
    ask: "If you have lost the invitation, ask",
  },
  revoked: {
    title: "This link was withdrawn",
    body: "A newer mail may hold one that works.",
    ask: "If there is none, ask",
  },
  registration_over: {
    title: "This registration is cancelled",
    body: "Your seat went to somebody else. To come after all, register again through your invitation.",
    ask: "If you did not cancel, ask",
  },
  invite_revoked: {
    title: "The invitation was withdrawn",
    body: "The link that you registered through was withdrawn before you confirmed, so there is no seat.",
    ask: "For a new invitation, ask",
  },
  workshop_cancelled: {
    title: "This workshop was cancelled",
    body: "It does not take place.",
    ask: "For other dates, ask",
  },
  workshop_closed: {
    title: "This workshop is over",
    body: "This link leads nowhere any more.",
    ask: "For the next one, ask",
  },
  anonymized: {
    title: "Your data was deleted",
    body: "The workshop is over, and what we knew about you is deleted, as the invitation said.",
    ask: "For the next workshop, ask",
  },
};

/** The page of a link that does nothing any more: what happened, and what can be done. */
export function LinkProblemPage({ page, problem }: { page: LinkPage; problem: LinkProblem }) {
  const { title, body, ask } = words[problem];
  const { startsAt, timeZone } = page.workshop;
  const day = startsAt ? ` · ${formatDay(startsAt, timeZone)}` : "";
  return (
    <MessagePage team={page.team} eyebrow={`${page.workshop.title}${day}`} title={title}>
      <p>{body}</p>
      <Ask host={page.host} what={ask} />
    </MessagePage>
  );
}
