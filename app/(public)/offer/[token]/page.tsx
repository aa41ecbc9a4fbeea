import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { declineOfferAction, takeOfferAction } from "@/app/(public)/offer/[token]/actions";
import { Ask, Frame, MessagePage } from "@/app/(public)/parts/frame";
import { LinkProblemPage } from "@/app/(public)/parts/link-problem";
import { TokenForm } from "@/app/(public)/parts/token-form";
import { When } from "@/app/(public)/parts/workshop";
import { linkPage, readerLanguage, visitorContext, words } from "@/server/http/public";
import { readOffer } from "@/server/registrations/offers";
import { formatMoment } from "@/server/times";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await words("offer"))("title") };
}

type Props = { params: Promise<{ token: string }>; searchParams: Promise<{ done?: string }> };

/** A seat that is held for its reader. Opening this page answers nothing: mail scanners follow links too. Its buttons do. */
export default async function OfferPage({ params, searchParams }: Props) {
  const { token } = await params;
  const { done } = await searchParams;
  const ctx = visitorContext();
  const offer = await readOffer(ctx, { token });
  const page = await linkPage(token, "offer");
  if (!offer || !page) notFound();
  const [t, language] = [await words("offer"), await readerLanguage()];
  const { team, workshop, host, problem, endsAt } = offer;
  if (problem === "used")
    return (
      <MessagePage team={team} eyebrow={workshop.title} title={t("usedTitle")}>
        <p className="lead">{t("usedLead")}</p>
        <TokenForm
          action={takeOfferAction}
          token={token}
          button={(await words("confirm"))("open")}
          busy={(await words("confirm"))("opening")}
        />
      </MessagePage>
    );
  if (problem === "offer_over" || (problem === "registration_over" && done === "declined"))
    return (
      <MessagePage
        team={team}
        eyebrow={workshop.title}
        title={t(problem === "offer_over" ? "overTitle" : "declinedTitle")}
      >
        <p>{t(problem === "offer_over" ? "overBody" : "declinedBody")}</p>
        <Ask host={host} what={t("overAsk")} />
      </MessagePage>
    );
  if (problem) return <LinkProblemPage page={page} problem={problem} />;
  const now = ctx.clock.now();
  return (
    <Frame team={team}>
      <p className="eyebrow" dir="auto">
        {workshop.title}
      </p>
      <h1>{t("title")}</h1>
      {endsAt ? (
        <p className="lead">{t("lead", { until: formatMoment(endsAt, workshop.timeZone, language, now) })}</p>
      ) : null}
      <When workshop={workshop} place={workshop.place} now={now} relative />
      <TokenForm action={takeOfferAction} token={token} button={t("take")} busy={t("taking")} />
      <p className="hint" style={{ marginTop: "1.5rem" }}>
        {t("declineHint")}
      </p>
      <TokenForm action={declineOfferAction} token={token} button={t("decline")} busy={t("declining")} second />
    </Frame>
  );
}
