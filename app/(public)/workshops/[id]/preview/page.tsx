import type { Metadata } from "next";
import { RegistrationForm } from "@/app/(public)/i/[token]/registration-form";
import { Frame } from "@/app/(public)/parts/frame";
import { Agenda, HostCard, Points, When } from "@/app/(public)/parts/workshop";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { rawWords, readerLanguage, words } from "@/server/http/public";
import { invitationPreview } from "@/server/insights/preview";
import { consolePaths } from "@/server/paths";
import { followUpSentence, noticeSentence } from "@/server/registrations/notice";
import { questionsOf } from "@/server/registrations/registrations";

export const metadata: Metadata = { title: "As attendees see it" };

/** The invitation as attendees see it, for members: the same parts on the same sheet; the form is there and does nothing. */
export default async function PreviewPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const ctx = await memberContext(consolePaths.previewAttendee(id));
  const { team, workshop, host } = await pageOrNotFound(() => invitationPreview(ctx, { workshopId: id }));
  const questions = await questionsOf(ctx.db, id);
  const now = ctx.clock.now();
  const full = workshop.seatsTaken >= workshop.capacity;
  const [t, w, language] = [await words("invitation"), await words("workshop"), await readerLanguage()];
  const button = full ? t("joinWaitlist") : t("register");
  return (
    <>
      <aside className="notice" aria-label="Preview" lang="en" style={{ textAlign: "center", padding: "0.75rem" }}>
        This is what attendees see. Nothing here is counted, and the form is not sent.{" "}
        <a href={consolePaths.workshop(id)}>Back to the workshop</a>
      </aside>
      <Frame team={team}>
        <p className="eyebrow">{t("invited")}</p>
        <h1 dir="auto">{workshop.title}</h1>
        <When workshop={workshop} place={workshop.place} now={now} />
        {workshop.abstract ? (
          <p className="lead" dir="auto">
            {workshop.abstract}
          </p>
        ) : null}
        <Points id="outcomes" title={w("outcomes")} items={workshop.outcomes} />
        <Agenda json={workshop.agenda} now={now} timeZone={workshop.timeZone} />
        <Points id="bring" title={w("bring")} items={workshop.bring} />
        <HostCard host={host} words={w("invitedBy")} />
        <section id="register" className="panel" aria-labelledby="register-title" inert>
          <h2 id="register-title">{button}</h2>
          <RegistrationForm
            token=""
            language={language}
            words={{ ...(await rawWords("form")), ...(await rawWords("rules")) }}
            questions={questions}
            button={button}
            notice={noticeSentence({ teamName: team.name, anonymizeAfterDays: team.anonymizeAfterDays }, language)}
            followUp={followUpSentence(host.name, language)}
            company=""
          />
        </section>
      </Frame>
    </>
  );
}
