import type { Metadata } from "next";
import { PrintButton } from "@/app/(public)/my/[registrationId]/certificate/print-button";
import { MyLanguageSwitch } from "@/app/(public)/my/[registrationId]/language-switch";
import { Frame, MessagePage } from "@/app/(public)/parts/frame";
import { attendeeContext, readerLanguage, words } from "@/server/http/public";
import { publicPaths } from "@/server/paths";
import { myWorkshop } from "@/server/registrations/registrations";
import { formatRange } from "@/server/times";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await words("certificate"))("title") };
}

/** A plain certificate of attendance, to print: for who took part, in a browser that is theirs, until their data goes. */
export default async function CertificatePage({ params }: { params: Promise<{ registrationId: string }> }) {
  const { registrationId } = await params;
  const [ctx, t] = [await attendeeContext(registrationId), await words("certificate")];
  const my = ctx && (await myWorkshop(ctx));
  const back = (
    <p>
      <a href={publicPaths.my(registrationId)}>{t("back")}</a>
    </p>
  );
  if (!my?.mine || my.phase !== "after" || my.state !== "attended" || !my.mine.name)
    return (
      <MessagePage title={t("none")}>
        <p>{t("noneBody")}</p>
        {back}
      </MessagePage>
    );
  const { workshop, team, mine, host } = my;
  const language = await readerLanguage();
  const { startsAt, endsAt, timeZone, outcomes } = workshop;
  return (
    <Frame team={team} languageSwitch={<MyLanguageSwitch registrationId={registrationId} />}>
      <article className="certificate" aria-labelledby="certificate">
        <h1 id="certificate">{t("title")}</h1>
        <p>{t("attests")}</p>
        <p className="certificate-name" dir="auto">
          {mine.name}
        </p>
        <p>{t("attended")}</p>
        <p className="certificate-what" dir="auto">
          {workshop.title}
        </p>
        {startsAt && endsAt ? <p>{formatRange(startsAt, endsAt, timeZone, language, startsAt)}</p> : null}
        {outcomes.length > 0 ? (
          <>
            <h2>{t("learned")}</h2>
            <ul dir="auto">
              {outcomes.map((outcome) => (
                <li key={outcome}>{outcome}</li>
              ))}
            </ul>
          </>
        ) : null}
        <p className="muted" dir="auto">
          {host.name}, {team.name}
        </p>
      </article>
      <PrintButton label={t("print")} />
      <div className="unprinted">{back}</div>
    </Frame>
  );
}
