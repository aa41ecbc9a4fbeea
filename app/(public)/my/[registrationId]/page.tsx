import type { Metadata } from "next";
import { DoorCode, DoorEntry } from "@/app/(public)/my/[registrationId]/door";
import { Environment } from "@/app/(public)/my/[registrationId]/environment";
import { HandoverPanel } from "@/app/(public)/my/[registrationId]/handover-panel";
import { KeysPanel } from "@/app/(public)/my/[registrationId]/keys-panel";
import { MyLanguageSwitch } from "@/app/(public)/my/[registrationId]/language-switch";
import { OfferPanel } from "@/app/(public)/my/[registrationId]/offer-panel";
import { CancelForm, ChangeForm, EraseForm } from "@/app/(public)/my/[registrationId]/own-forms";
import { Refresh } from "@/app/(public)/my/[registrationId]/refresh";
import { UserPanel } from "@/app/(public)/my/[registrationId]/user-panel";
import { VerifyForm } from "@/app/(public)/my/[registrationId]/verify-form";
import { Ask, Frame, MessagePage } from "@/app/(public)/parts/frame";
import { Agenda, HostCard, Points, When } from "@/app/(public)/parts/workshop";
import { env } from "@/server/env";
import { attendeeContext, rawWords, readerLanguage, richWords, words } from "@/server/http/public";
import type { MessageKey, Translate } from "@/server/languages/languages";
import { publicPaths } from "@/server/paths";
import { offerDeadline } from "@/server/registrations/deadlines";
import { type MyHandover, myHandover } from "@/server/registrations/handover";
import { followUpSentence } from "@/server/registrations/notice";
import type { MyWorkshop } from "@/server/registrations/read";
import { checkInTime, myWorkshop } from "@/server/registrations/registrations";
import { type MyAccess, myAccess } from "@/server/sandboxes/sandboxes";
import { formatDay, zoneName } from "@/server/times";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await words("my"))("title") };
}

type Props = {
  params: Promise<{ registrationId: string }>;
  searchParams: Promise<{ trouble?: string; done?: string }>;
};

/** One address for the attendee, before, during and after. What a browser that is not verified sees is only the status. */
export default async function MyWorkshopPage({ params, searchParams }: Props) {
  const { registrationId } = await params;
  const { trouble, done } = await searchParams;
  const [ctx, t] = [await attendeeContext(registrationId), await words("my")];
  if (!ctx && done === "erased")
    return (
      <MessagePage title={t("erasedTitle")}>
        <p>{t("erasedBody")}</p>
      </MessagePage>
    );
  if (!ctx)
    return (
      <MessagePage title={t("unknownTitle")}>
        <p>{t("unknownBody")}</p>
        <p>{t("unknownNoMail")}</p>
        <DoorEntry registrationId={registrationId} />
      </MessagePage>
    );
  const my = await myWorkshop(ctx);
  if (my.phase === "anonymized" || my.phase === "registration_over" || my.phase === "workshop_cancelled")
    return <Ended my={my} />;
  const now = ctx.clock.now();
  const { workshop } = my;
  const entered = my.phase === "open" && my.verified && my.sandbox === "ready";
  const access = entered ? await myAccess(ctx, { registrationId }) : null;
  const w = await words("workshop");
  return (
    <Frame team={my.team} languageSwitch={<MyLanguageSwitch registrationId={registrationId} />}>
      <p className="eyebrow" dir="auto">
        {workshop.title}
      </p>
      <h1>{headline(my, t)}</h1>
      {trouble ? <Trouble code={trouble} /> : null}
      {done === "changed" ? (
        <div className="banner good" role="status">
          <p>{t("changedDone")}</p>
        </div>
      ) : null}
      <WhatNow my={my} now={now} />
      {my.phase === "open" ? <Access my={my} access={access} /> : null}
      {my.phase === "open" && !my.mine ? <Verify my={my} /> : null}
      <When workshop={workshop} place={workshop.place} now={now} relative={my.phase === "before"} />
      {my.mine?.link && my.phase !== "after" ? <RoomLink link={my.mine.link} /> : null}
      {my.state === "confirmed" && my.phase !== "after" && workshop.place ? (
        <DoorCode registrationId={my.registrationId} today={checkInTime(workshop, now).phase === "now"} />
      ) : null}
      {my.phase === "before" && my.state === "confirmed" && workshop.startsAt ? (
        <p className="actions">
          <a className="button second" href={publicPaths.myCalendar(my.registrationId)} download="workshop.ics">
            {t("addCalendar")}
          </a>
        </p>
      ) : null}
      <Agenda json={workshop.agenda} now={now} timeZone={workshop.timeZone} live={onTheDay(my, now)} />
      {my.phase === "after" ? null : <Points id="bring" title={w("bring")} items={workshop.bring} />}
      <HostCard host={my.host} words={w("questionsTo")} />
      {my.mine ? <Own my={my} mine={my.mine} handover={await myHandover(ctx)} /> : null}
      {my.mine || my.phase === "open" ? null : <Verify my={my} />}
    </Frame>
  );
}

/** Whether the agenda runs: a workshop may be opened days before it starts. */
function onTheDay({ phase, workshop }: MyWorkshop, now: Date): boolean {
  const hour = 3_600_000;
  return phase === "open" && workshop.startsAt !== null && now.getTime() > workshop.startsAt.getTime() - hour;
}

function headline({ phase, state, position, sandbox, replaced }: MyWorkshop, t: Translate<"my">): string {
  if (phase === "after") return t(state === "attended" ? "headline.thanks" : "headline.over");
  if (state === "waitlisted") return position === null ? t("headline.onList") : t("headline.position", { position });
  if (state === "unverified") return t("headline.confirmFirst");
  if (state === "awaiting_approval") return t("headline.awaitingApproval");
  if (state === "offered") return t("headline.offered");
  if (phase === "open" && replaced && sandbox === "preparing") return t("headline.replacing");
  return phase === "open" ? t(`headline.${sandbox}`) : t("headline.in");
}

/** Under the headline: what it means, and what happens next. */
async function WhatNow({ my, now }: { my: MyWorkshop; now: Date }) {
  const t = await words("my");
  if (my.state === "unverified") return <p className="lead">{t("confirmFirst")}</p>;
  if (my.phase === "after") return <Afterwards my={my} />;
  if (my.state === "waitlisted") {
    const offered = offerDeadline(my.workshop, now) !== null;
    return <p className="lead">{t(offered ? "waitlistOffered" : "waitlist")}</p>;
  }
  if (my.state === "awaiting_approval") return <p className="lead">{t("awaitingApproval")}</p>;
  if (my.state === "offered") return <OfferPanel my={my} />;
  if (my.phase === "open") return null;
  return (
    <p className="lead">
      {t("remind")} {t(my.workshop.hasSandbox ? "nextSandbox" : "nextPage")}
    </p>
  );
}

async function Afterwards({ my }: { my: MyWorkshop }) {
  const { workshop, team } = my;
  const [t, language] = [await words("my"), await readerLanguage()];
  return (
    <>
      {workshop.hasSandbox ? <p className="lead">{t(workshop.state === "closed" ? "emptied" : "emptying")}</p> : null}
      <p>
        {workshop.anonymizeAt
          ? t("deletedOn", { day: formatDay(workshop.anonymizeAt, workshop.timeZone, language) })
          : t("deletedAfter", { days: team.anonymizeAfterDays })}
      </p>
      <Keepsakes my={my} />
    </>
  );
}

/** What stays of it: a certificate for who took part, the survey, the materials. */
async function Keepsakes({ my }: { my: MyWorkshop }) {
  const t = await words("certificate");
  const { surveyUrl, materialsUrl } = my.workshop;
  const links = [
    { href: my.mine && my.state === "attended" ? publicPaths.myCertificate(my.registrationId) : "", text: t("open") },
    { href: surveyUrl, text: t("survey") },
    { href: materialsUrl, text: t("materials") },
  ].filter(({ href }) => href !== "");
  if (links.length === 0) return null;
  return (
    <ul>
      {links.map(({ href, text }) => (
        <li key={href}>
          <a href={href} {...(href.startsWith("/") ? {} : { rel: "noopener noreferrer", target: "_blank" })}>
            {text}
          </a>
        </li>
      ))}
    </ul>
  );
}

const troubles: Record<string, MessageKey<"my">> = {
  unverified: "trouble.unverified",
  not_ready: "trouble.not_ready",
  gone: "trouble.gone",
  unavailable: "trouble.unavailable",
  forbidden: "trouble.forbidden",
};

async function Trouble({ code }: { code: string }) {
  const t = await words("my");
  return (
    <div className="banner bad" role="alert">
      <p>{t((Object.hasOwn(troubles, code) ? troubles[code] : undefined) ?? "trouble.other")}</p>
    </div>
  );
}

/** The way into the account: console first, keys second; before that, what is still missing. */
async function Access({ my, access }: { my: MyWorkshop; access: MyAccess | null }) {
  if (my.sandbox === "none") return null;
  const t = await words("my");
  if (my.sandbox === "frozen") return <p className="lead">{t("frozen")}</p>;
  if (my.sandbox === "taken_back") return <p className="lead">{t("emptyingNext")}</p>;
  if (!my.verified) return null;
  if (my.sandbox !== "ready" || !access) return <Preparing my={my} />;
  return (
    <>
      {my.replaced ? <Replaced /> : null}
      {access.kind === "role" ? <RoleAccess my={my} /> : <UserAccess my={my} access={access} />}
      {my.stack ? <Environment stack={my.stack} /> : null}
    </>
  );
}

/** For whoever left something in the account that they had before. */
async function Replaced() {
  const t = await words("my");
  return (
    <div className="banner" role="status">
      <p>{t("replaced")}</p>
    </div>
  );
}

async function Preparing({ my }: { my: MyWorkshop }) {
  const t = await words("my");
  const ready = my.replaced ? "replacing" : "preparing";
  return (
    <div className="banner" role="status">
      <p>{t(my.sandbox === "waiting" ? "waiting" : ready)}</p>
      <Refresh seconds={5} />
      <noscript>
        <p>
          <a href={publicPaths.my(my.registrationId)}>{t("lookAgain")}</a>
        </p>
      </noscript>
    </div>
  );
}

/** A click signs in; keys are made at the click. */
async function RoleAccess({ my }: { my: MyWorkshop }) {
  const [t, rich, language] = [await words("my"), await richWords("my"), await readerLanguage()];
  const signOut = new URL("/oauth?Action=logout", env().AWS_SIGNIN_URL).toString();
  return (
    <>
      <form action={`${publicPaths.my(my.registrationId)}/console`} method="post" target="_blank" rel="noopener">
        <button type="submit" className="button large">
          {t("console")}
        </button>
      </form>
      <p className="hint" style={{ marginTop: "0.75rem" }}>
        {rich("consoleHint", {
          a: (inside) => (
            <a href={signOut} target="_blank" rel="noopener noreferrer">
              {inside}
            </a>
          ),
        })}
      </p>
      <KeysPanel
        registrationId={my.registrationId}
        timeZone={my.workshop.timeZone}
        zone={zoneName(my.workshop.timeZone, language)}
        language={language}
        words={await rawWords("keys")}
      />
    </>
  );
}

/** An IAM user of their own: the account's sign-in page, a password and keys that last as long as the account. */
async function UserAccess({ my, access }: { my: MyWorkshop; access: Extract<MyAccess, { kind: "iam_user" }> }) {
  const t = await words("my");
  return (
    <>
      <form action={`${publicPaths.my(my.registrationId)}/console`} method="post" target="_blank" rel="noopener">
        <button type="submit" className="button large">
          {t("console")}
        </button>
      </form>
      <p className="hint" style={{ marginTop: "0.75rem" }}>
        {t("consoleHintUser")}
      </p>
      <UserPanel registrationId={my.registrationId} access={access} words={await rawWords("keys")} />
    </>
  );
}

function RoomLink({ link }: { link: string }) {
  if (!/^https?:\/\//i.test(link)) return <p dir="auto">{link}</p>;
  return (
    <p>
      <a href={link} rel="noopener noreferrer" target="_blank">
        {link}
      </a>
    </p>
  );
}

/** How to show that one is who registered. */
async function Verify({ my }: { my: MyWorkshop }) {
  const t = await words("my");
  return (
    <section className="panel" aria-labelledby="verify">
      <h2 id="verify">{t("verify")}</h2>
      <p>{t(my.phase === "open" ? "verifyOpen" : "verifyBefore")}</p>
      <VerifyForm
        registrationId={my.registrationId}
        words={{ ...(await rawWords("myForms")).code, sending: (await rawWords("form")).sending }}
      />
    </section>
  );
}

type OwnProps = { my: MyWorkshop; mine: NonNullable<MyWorkshop["mine"]>; handover: MyHandover };

/** What only its owner may do. */
async function Own({ my, mine, handover }: OwnProps) {
  const [t, language] = [await words("my"), await readerLanguage()];
  const forms = { ...(await rawWords("form")), ...(await rawWords("myForms")) };
  const loss = t(my.state === "waitlisted" ? "lossList" : "lossSeat");
  const mayCancel = my.phase === "before" || (my.phase === "open" && my.state === "waitlisted");
  return (
    <section aria-labelledby="own">
      <h2 id="own">{t("own")}</h2>
      <ChangeForm
        registrationId={my.registrationId}
        mine={mine}
        followUp={followUpSentence(my.host.name, language)}
        words={{ ...forms, ...(await rawWords("rules")) }}
      />
      {my.phase === "before" ? (
        <HandoverPanel registrationId={my.registrationId} handover={handover} timeZone={my.workshop.timeZone} />
      ) : null}
      {mayCancel ? <CancelForm registrationId={my.registrationId} loss={loss} words={forms} /> : null}
      {my.phase === "open" && !mayCancel ? <p className="muted">{t("begun")}</p> : null}
      <p className="actions">
        <a href={publicPaths.myData(my.registrationId)}>{(await words("myData"))("summary")}</a>
      </p>
      <EraseForm registrationId={my.registrationId} loss={eraseLoss(my, t)} words={forms} />
    </section>
  );
}

function eraseLoss({ phase, sandbox }: MyWorkshop, t: Translate<"my">): string {
  const seat = phase === "after" ? [] : [t("eraseSeat")];
  const account = sandbox === "ready" ? [t("eraseAccount")] : [];
  return [t("eraseAll"), ...seat, ...account].join(" ");
}

async function Ended({ my }: { my: MyWorkshop }) {
  const [t, language] = [await words("my"), await readerLanguage()];
  const day = my.workshop.startsAt ? ` · ${formatDay(my.workshop.startsAt, my.workshop.timeZone, language)}` : "";
  const frame = { team: my.team, eyebrow: `${my.workshop.title}${day}` };
  if (my.phase === "anonymized")
    return (
      <MessagePage {...frame} title={t("ended.anonymizedTitle")}>
        <p>{t(my.workshop.hasSandbox ? "ended.anonymizedAccount" : "ended.anonymized")}</p>
        <Ask host={my.host} what={t("ended.nextAsk")} />
      </MessagePage>
    );
  if (my.phase === "workshop_cancelled")
    return (
      <MessagePage {...frame} title={t("ended.cancelledTitle")}>
        <p>{t("ended.cancelled")}</p>
        <Ask host={my.host} what={t("ended.datesAsk")} />
      </MessagePage>
    );
  if (my.state === "expired" && (my.workshop.state === "registration" || my.workshop.state === "open")) {
    const o = await words("offer");
    return (
      <MessagePage {...frame} title={o("overTitle")}>
        <p>{o("overBody")}</p>
        <Ask host={my.host} what={o("overAsk")} />
      </MessagePage>
    );
  }
  if (my.state === "expired")
    return (
      <MessagePage {...frame} title={t("ended.noSeatTitle")}>
        <p>{t("ended.noSeat")}</p>
        <Ask host={my.host} what={t("ended.nextOneAsk")} />
      </MessagePage>
    );
  if (my.state === "rejected")
    return (
      <MessagePage {...frame} title={t("ended.rejectedTitle")}>
        <p>{t("ended.rejected")}</p>
        <Ask host={my.host} what={t("ended.datesAsk")} />
      </MessagePage>
    );
  return (
    <MessagePage {...frame} title={t("ended.registrationTitle")}>
      <p>{t("ended.registration")}</p>
      <Ask host={my.host} what={t("ended.lostAsk")} />
    </MessagePage>
  );
}
