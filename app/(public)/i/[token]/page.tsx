import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { after } from "next/server";
import { declineAction } from "@/app/(public)/i/[token]/actions";
import { RegistrationForm } from "@/app/(public)/i/[token]/registration-form";
import { Ask, Frame, MessagePage } from "@/app/(public)/parts/frame";
import { Agenda, HostCard, Points, When } from "@/app/(public)/parts/workshop";
import { invitePage, rawWords, readerLanguage, visitorContext, words } from "@/server/http/public";
import { requestHead } from "@/server/http/receipt";
import { type InvitePage, isOpening, recordOpened } from "@/server/invites/invites";
import { offerDeadline } from "@/server/registrations/deadlines";
import { registrationEnds } from "@/server/registrations/lifecycle";
import { followUpSentence, noticeSentence } from "@/server/registrations/notice";
import { questionsOf } from "@/server/registrations/registrations";
import { formatDay, formatMoment, formatRange } from "@/server/times";

type Props = { params: Promise<{ token: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const page = await invitePage((await params).token);
  const [t, language] = [await words("invitation"), await readerLanguage()];
  if (!page || page.problem === "revoked" || page.problem === "not_open") return { title: t("title") };
  const { title, startsAt, endsAt, timeZone } = page.workshop;
  const when = startsAt && endsAt ? formatRange(startsAt, endsAt, timeZone, language) : undefined;
  return { title: `${title} · ${page.team.name}`, description: when, openGraph: { title, description: when } };
}

/** Seats are named only when they are few. */
const fewSeats = 10;

export default async function InvitationPage({ params }: Props) {
  const { token } = await params;
  const page = await invitePage(token);
  if (!page) notFound();
  if (page.problem) return <DeadInvitation page={page} problem={page.problem} />;
  if (isOpening(await requestHead())) after(() => recordOpened(visitorContext(), { token }));
  const { workshop, host, team } = page;
  const now = visitorContext().clock.now();
  const [t, w, language] = [await words("invitation"), await words("workshop"), await readerLanguage()];
  const button = page.waitReason ? t("joinWaitlist") : t("register");
  const rules = await words("rules");
  return (
    <Frame team={team}>
      <p className="eyebrow" dir="auto">
        {page.personal?.name
          ? t("forName", { name: page.personal.name })
          : page.customerName
            ? t("forName", { name: page.customerName })
            : t("invited")}
      </p>
      {page.personal?.declined ? (
        <div className="banner" role="status">
          <p>{t("declined", { name: host.name })}</p>
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
          {button}
        </a>
        <Seats page={page} />
      </p>
      <Points id="outcomes" title={w("outcomes")} items={workshop.outcomes} />
      <Agenda json={workshop.agenda} now={now} timeZone={workshop.timeZone} />
      <Points id="bring" title={w("bring")} items={workshop.bring} />
      <Languages codes={workshop.languages} />
      <HostCard host={host} words={w("invitedBy")} />
      <section id="register" className="panel" aria-labelledby="register-title">
        <h2 id="register-title">{button}</h2>
        {page.waitReason ? <WaitlistOffer page={page} /> : null}
        <Conditions page={page} />
        <RegistrationForm
          token={token}
          language={language}
          words={{ ...(await rawWords("form")), ...(await rawWords("rules")) }}
          questions={await questionsOf(visitorContext().db, workshop.id)}
          domains={workshop.allowedDomains.length > 0 ? rules("domains", { domains: listOf(page, language) }) : ""}
          button={button}
          notice={noticeSentence({ teamName: team.name, anonymizeAfterDays: team.anonymizeAfterDays }, language)}
          followUp={followUpSentence(host.name, language)}
          company={page.customerName ?? ""}
          invitee={page.personal}
        />
      </section>
      {page.personal && !page.personal.declined ? (
        <form action={declineAction} className="actions">
          <input type="hidden" name="token" value={token} />
          <button type="submit" className="button second">
            {t("notForMe")}
          </button>
        </form>
      ) : null}
    </Frame>
  );
}

async function Seats({ page }: { page: InvitePage }) {
  const t = await words("invitation");
  if (page.waitReason) return <span className="muted">{t("allTaken")}</span>;
  if (page.seatsLeft > fewSeats) return null;
  return <span className="muted">{t("seatsLeft", { count: page.seatsLeft })}</span>;
}

async function WaitlistOffer({ page }: { page: InvitePage }) {
  const t = await words("invitation");
  const rules = await words("rules");
  const { waitReason, customerName, host } = page;
  const taken =
    waitReason === "capacity"
      ? t("takenCapacity", { count: page.workshop.capacity })
      : waitReason === "pool"
        ? rules("takenPool")
        : waitReason === "account_manager"
          ? rules("takenMember", { host: host.name })
          : waitReason === "customer" && customerName
            ? rules("takenCustomer", { customer: customerName })
            : t("takenInvite");
  return (
    <p>
      {taken} {t(offerDeadline(page.workshop, visitorContext().clock.now()) ? "waitlistOffered" : "waitlist")}
    </p>
  );
}

/** The domains that may register, as a list in the reader's language. */
function listOf({ workshop }: InvitePage, language: string): string {
  return new Intl.ListFormat(language, { type: "disjunction" }).format(workshop.allowedDomains);
}

/** What somebody should know before they fill in the form: until when, and who says yes. */
async function Conditions({ page }: { page: InvitePage }) {
  const [rules, language] = [await words("rules"), await readerLanguage()];
  const { workshop, host } = page;
  const ends = registrationEnds(workshop);
  const now = visitorContext().clock.now();
  return (
    <>
      {ends ? <p>{rules("closes", { when: formatMoment(ends, workshop.timeZone, language, now) })}</p> : null}
      {workshop.approvalBy ? (
        <p>
          {workshop.approvalBy === "account_manager" ? rules("approval", { host: host.name }) : rules("approvalTeam")}
        </p>
      ) : null}
    </>
  );
}

async function Languages({ codes }: { codes: string[] }) {
  if (codes.length === 0) return null;
  const [t, language] = [await words("invitation"), await readerLanguage()];
  const names = new Intl.DisplayNames(language, { type: "language", fallback: "code" });
  const known = codes.map((code) => {
    try {
      return names.of(code) ?? code;
    } catch {
      return code;
    }
  });
  const list = new Intl.ListFormat(language, { type: "disjunction" }).format(known);
  return <p className="muted">{t("heldIn", { languages: list })}</p>;
}

type Problem = NonNullable<InvitePage["problem"]>;

async function DeadInvitation({ page, problem }: { page: InvitePage; problem: Problem }) {
  const { host, team, workshop } = page;
  const now = visitorContext().clock.now();
  const [t, language] = [await words("invitation"), await readerLanguage()];
  const when = workshop.startsAt ? formatDay(workshop.startsAt, workshop.timeZone, language) : "";
  // Nothing about the workshop where it is not meant for this reader: a withdrawn link, or a draft.
  const about =
    problem === "revoked" || problem === "not_open" ? undefined : `${workshop.title}${when ? ` · ${when}` : ""}`;
  return (
    <MessagePage team={team} eyebrow={about} title={t(`problems.${problem}.title`)}>
      <p>{t(`problems.${problem}.body`)}</p>
      {problem === "not_yet" && workshop.registrationOpensAt ? (
        <p>
          <strong>
            {t("opensOn", { moment: formatMoment(workshop.registrationOpensAt, workshop.timeZone, language, now) })}
          </strong>
        </p>
      ) : null}
      <Ask host={host} what={t(`problems.${problem}.ask`)} />
    </MessagePage>
  );
}
