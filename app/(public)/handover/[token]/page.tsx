import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { declineHandoverAction } from "@/app/(public)/handover/[token]/actions";
import { TakeOverForm } from "@/app/(public)/handover/[token]/take-over-form";
import { Ask, Frame, MessagePage } from "@/app/(public)/parts/frame";
import { TokenForm } from "@/app/(public)/parts/token-form";
import { When } from "@/app/(public)/parts/workshop";
import { rawWords, readerLanguage, visitorContext, words } from "@/server/http/public";
import { readHandover } from "@/server/registrations/handover";
import { followUpSentence, noticeSentence } from "@/server/registrations/notice";
import { formatMoment } from "@/server/times";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await words("handover"))("title") };
}

/** A seat that a colleague hands over. Opening this page takes nothing: mail scanners follow links too. Its form does. */
export default async function HandoverPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const ctx = visitorContext();
  const page = await readHandover(ctx, { token });
  if (!page) notFound();
  const [t, language] = [await words("handover"), await readerLanguage()];
  const { team, workshop, host, giver, problem } = page;
  if (problem)
    return (
      <MessagePage team={team} eyebrow={workshop.title} title={t(`${problem}.title`)}>
        <p>{t(`${problem}.body`)}</p>
        <Ask host={host} what={t(`${problem}.ask`)} />
      </MessagePage>
    );
  const now = ctx.clock.now();
  const until = formatMoment(page.endsAt, workshop.timeZone, language, now);
  return (
    <Frame team={team}>
      <p className="eyebrow" dir="auto">
        {t("from", { giver })}
      </p>
      <h1 dir="auto">{workshop.title}</h1>
      <p className="lead">{t("lead", { giver, until })}</p>
      <When workshop={workshop} place={workshop.place} now={now} relative />
      <TakeOverForm
        token={token}
        language={language}
        name={page.name}
        intro={t("for", { email: page.email })}
        button={t("take")}
        busy={t("taking")}
        words={{ ...(await rawWords("form")), ...(await rawWords("rules")) }}
        questions={page.questions}
        notice={noticeSentence({ teamName: team.name, anonymizeAfterDays: team.anonymizeAfterDays }, language)}
        followUp={followUpSentence(host.name, language)}
      />
      <p className="hint" style={{ marginTop: "1.5rem" }}>
        {t("declineHint", { giver })}
      </p>
      <TokenForm action={declineHandoverAction} token={token} button={t("decline")} busy={t("declining")} second />
    </Frame>
  );
}
