import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { after } from "next/server";
import { cache } from "react";
import { declineAction } from "@/app/(public)/i/[token]/actions";
import { RegistrationForm } from "@/app/(public)/i/[token]/registration-form";
import { Ask, Frame, MessagePage } from "@/app/(public)/parts/frame";
import { Agenda, HostCard, Points, When } from "@/app/(public)/parts/workshop";
import { visitorContext } from "@/server/http/public";
import { requestHead } from "@/server/http/receipt";
import { type InvitePage, isOpening, readInvite, recordOpened } from "@/server/invites/invites";
import { followUpSentence, noticeSentence } from "@/server/registrations/notice";
import { formatDay, formatRange } from "@/server/times";

type Props = { params: Promise<{ token: string }> };

const load = cache((token: string) => readInvite(visitorContext(), { token }));

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const page = await load((await params).token);
  if (!page || page.problem === "revoked" || page.problem === "not_open") return { title: "Invitation" };
  const { title, startsAt, endsAt, timeZone } = page.workshop;
  const when = startsAt && endsAt ? formatRange(startsAt, endsAt, timeZone) : undefined;
  return { title: `${title} · ${page.team.name}`, description: when, openGraph: { title, description: when } };
}

/** Seats are named only when they are few. */
const fewSeats = 10;

export default async function InvitationPage({ params }: Props) {
  const { token } = await params;
  const page = await load(token);
  if (!page) notFound();
  if (page.problem) return <DeadInvitation page={page} problem={page.problem} />;
  if (isOpening(await requestHead())) after(() => recordOpened(visitorContext(), { token }));
  const { workshop, host, team } = page;
  const now = visitorContext().clock.now();
  return (
    <Frame team={team}>
      <p className="eyebrow" dir="auto">
        {page.personal?.name
          ? `Invitation for ${page.personal.name}`
          : page.customerName
            ? `Invitation for ${page.customerName}`
            : "You are invited"}
      </p>
      {page.personal?.declined ? (
        <div className="banner" role="status">
          <p>
            You said that this is not for you, and {host.name} can see it. If you think better of it, you can still
            register here.
          </p>
        </div>
      ) : null}
      <h1 dir="auto">{workshop.title}</h1>
      <When workshop={workshop} place={workshop.place} now={now} />
      {workshop.abstract ? (
        <p className="lead" dir="auto">
          {workshop.abstract}
        </p>
      ) : null}
      <p className="actions">
        <a className="button" href="#register">
          {page.waitReason ? "Join the waitlist" : "Register"}
        </a>
        <Seats page={page} />
      </p>
      <Points id="outcomes" title="What you will be able to do" items={workshop.outcomes} />
      <Agenda json={workshop.agenda} now={now} timeZone={workshop.timeZone} />
      <Points id="bring" title="What to bring" items={workshop.bring} />
      <Languages codes={workshop.languages} />
      <HostCard host={host} words="You are invited by" />
      <section id="register" className="panel" aria-labelledby="register-title">
        <h2 id="register-title">{page.waitReason ? "Join the waitlist" : "Register"}</h2>
        {page.waitReason ? <WaitlistOffer page={page} /> : null}
        <RegistrationForm
          token={token}
          button={page.waitReason ? "Join the waitlist" : "Register"}
          busy="Sending"
          notice={noticeSentence({ teamName: team.name, anonymizeAfterDays: team.anonymizeAfterDays })}
          followUp={followUpSentence(host.name)}
          company={page.customerName ?? ""}
          invitee={page.personal}
        />
      </section>
      {page.personal && !page.personal.declined ? (
        <form action={declineAction} className="actions">
          <input type="hidden" name="token" value={token} />
          <button type="submit" className="button second">
            Not for me
          </button>
        </form>
      ) : null}
    </Frame>
  );
}

function Seats({ page }: { page: InvitePage }) {
  if (page.waitReason) return <span className="muted">All seats are taken</span>;
  if (page.seatsLeft > fewSeats) return null;
  return <span className="muted">{page.seatsLeft === 1 ? "1 seat left" : `${page.seatsLeft} seats left`}</span>;
}

function WaitlistOffer({ page }: { page: InvitePage }) {
  const taken =
    page.waitReason === "capacity"
      ? `${page.workshop.capacity === 1 ? "The only seat is" : `All ${page.workshop.capacity} seats are`} taken.`
      : "The seats of this invitation are taken.";
  return (
    <p>
      {taken} When one becomes free, the first on the waitlist gets it and is told by mail. The order is that of
      confirming the address.
    </p>
  );
}

function Languages({ codes }: { codes: string[] }) {
  if (codes.length === 0) return null;
  const names = new Intl.DisplayNames("en", { type: "language", fallback: "code" });
  const words = codes.map((code) => {
    try {
      return names.of(code) ?? code;
    } catch {
      return code;
    }
  });
  return <p className="muted">Held in {new Intl.ListFormat("en", { type: "disjunction" }).format(words)}.</p>;
}

type Problem = NonNullable<InvitePage["problem"]>;

function DeadInvitation({ page, problem }: { page: InvitePage; problem: Problem }) {
  const { host, team, workshop } = page;
  const when = workshop.startsAt ? formatDay(workshop.startsAt, workshop.timeZone) : "";
  // Nothing about the workshop where it is not meant for this reader: a withdrawn link, or a draft.
  const about =
    problem === "revoked" || problem === "not_open" ? undefined : `${workshop.title}${when ? ` · ${when}` : ""}`;
  const pages: Record<Problem, { title: string; body: string; ask: string }> = {
    revoked: {
      title: "This invitation was withdrawn",
      body: "The link does not work any more. Whoever confirmed a seat with it keeps it.",
      ask: "For a new one, ask",
    },
    cancelled: {
      title: "This workshop was cancelled",
      body: "It does not take place. Whoever had registered was told by mail.",
      ask: "For other dates, ask",
    },
    closed: { title: "This workshop is over", body: "Registration has ended.", ask: "For the next one, ask" },
    not_open: {
      title: "Registration has not opened yet",
      body: "Keep this link: it works as soon as registration opens.",
      ask: "For the date, ask",
    },
    used: {
      title: "This invitation was used",
      body: "It was for one person, who has registered with it. If that was you: the mail that came after has the way to your workshop.",
      ask: "If it was not you, ask",
    },
    expired: {
      title: "This invitation has expired",
      body: "It could be used until its date.",
      ask: "For a new one, ask",
    },
    paused: {
      title: "Registration is paused",
      body: "Nobody can register at the moment. Keep this link: it works again when registration goes on.",
      ask: "To know when, ask",
    },
  };
  const { title, body, ask } = pages[problem];
  return (
    <MessagePage team={team} eyebrow={about} title={title}>
      <p>{body}</p>
      <Ask host={host} what={ask} />
    </MessagePage>
  );
}
