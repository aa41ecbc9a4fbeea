import type { Metadata } from "next";
import { DoorCode, DoorEntry } from "@/app/(public)/my/[registrationId]/door";
import { Environment } from "@/app/(public)/my/[registrationId]/environment";
import { KeysPanel } from "@/app/(public)/my/[registrationId]/keys-panel";
import { CancelForm, ChangeForm, EraseForm } from "@/app/(public)/my/[registrationId]/own-forms";
import { Refresh } from "@/app/(public)/my/[registrationId]/refresh";
import { UserPanel } from "@/app/(public)/my/[registrationId]/user-panel";
import { VerifyForm } from "@/app/(public)/my/[registrationId]/verify-form";
import { Ask, Frame, MessagePage } from "@/app/(public)/parts/frame";
import { Agenda, HostCard, Points, When } from "@/app/(public)/parts/workshop";
import { env } from "@/server/env";
import { attendeeContext } from "@/server/http/public";
import { publicPaths } from "@/server/paths";
import { followUpSentence } from "@/server/registrations/notice";
import type { MyWorkshop } from "@/server/registrations/read";
import { checkInTime, myWorkshop } from "@/server/registrations/registrations";
import { type MyAccess, myAccess } from "@/server/sandboxes/sandboxes";
import { formatDay, zoneName } from "@/server/times";

export const metadata: Metadata = { title: "My workshop" };

type Props = {
  params: Promise<{ registrationId: string }>;
  searchParams: Promise<{ trouble?: string; done?: string }>;
};

/** One address for the attendee, before, during and after. What a browser that is not verified sees is only the status. */
export default async function MyWorkshopPage({ params, searchParams }: Props) {
  const { registrationId } = await params;
  const { trouble, done } = await searchParams;
  const ctx = await attendeeContext(registrationId);
  if (!ctx && done === "erased")
    return (
      <MessagePage title="Your data is deleted">
        <p>What is left is a count, with nobody in it. You can close this page.</p>
      </MessagePage>
    );
  if (!ctx)
    return (
      <MessagePage title="This browser does not know you yet">
        <p>Open the link in any of our mails about the workshop in this browser: it leads here.</p>
        <p>No mail? Register again through your invitation with the same address, and we send it again.</p>
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
  return (
    <Frame team={my.team}>
      <p className="eyebrow" dir="auto">
        {workshop.title}
      </p>
      <h1>{headline(my)}</h1>
      {trouble ? <Trouble code={trouble} /> : null}
      {done === "changed" ? (
        <div className="banner good" role="status">
          <p>Your data is changed.</p>
        </div>
      ) : null}
      <WhatNow my={my} />
      {my.phase === "open" ? <Access my={my} access={access} /> : null}
      {my.phase === "open" && !my.mine ? <Verify my={my} /> : null}
      <When workshop={workshop} place={workshop.place} now={now} relative={my.phase === "before"} />
      {my.mine?.link && my.phase !== "after" ? <RoomLink link={my.mine.link} /> : null}
      {my.state === "confirmed" && my.phase !== "after" ? (
        <DoorCode registrationId={my.registrationId} today={checkInTime(workshop, now).phase === "now"} />
      ) : null}
      {my.phase === "before" && my.position === null && workshop.startsAt ? (
        <p className="actions">
          <a className="button second" href={publicPaths.myCalendar(my.registrationId)} download="workshop.ics">
            Add to calendar
          </a>
        </p>
      ) : null}
      <Agenda json={workshop.agenda} now={now} timeZone={workshop.timeZone} live={onTheDay(my, now)} />
      {my.phase === "after" ? null : <Points id="bring" title="What to bring" items={workshop.bring} />}
      <HostCard host={my.host} words="Questions go to" />
      {my.mine ? <Own my={my} mine={my.mine} /> : null}
      {my.mine || my.phase === "open" ? null : <Verify my={my} />}
    </Frame>
  );
}

/** Whether the agenda runs: a workshop may be opened days before it starts. */
function onTheDay({ phase, workshop }: MyWorkshop, now: Date): boolean {
  const hour = 3_600_000;
  return phase === "open" && workshop.startsAt !== null && now.getTime() > workshop.startsAt.getTime() - hour;
}

const openHeadlines: Record<MyWorkshop["sandbox"], string> = {
  none: "The workshop is open",
  waiting: "You are in line for an account",
  preparing: "Your account is on its way",
  ready: "Your account is ready",
  frozen: "Your account is frozen",
  taken_back: "Your account was taken back",
};

function headline({ phase, state, position, sandbox, replaced }: MyWorkshop): string {
  if (phase === "after") return state === "attended" ? "Thanks for coming" : "The workshop is over";
  if (state === "waitlisted")
    return position === null ? "You are on the list" : `You are number ${position} on the list`;
  if (state === "unverified") return "Confirm your address first";
  if (phase === "open" && replaced && sandbox === "preparing") return "Your new account is on its way";
  if (phase === "open") return openHeadlines[sandbox];
  return "You are in";
}

/** Under the headline: what it means, and what happens next. */
function WhatNow({ my }: { my: MyWorkshop }) {
  if (my.state === "unverified") return <p className="lead">The link for that is in the mail that we sent you.</p>;
  if (my.phase === "after") return <Afterwards my={my} />;
  if (my.state === "waitlisted")
    return (
      <p className="lead">
        All seats are taken. When one becomes free, the first on the list gets it, and you are told by mail as soon as
        it is yours. The list goes by the order of confirmation.
      </p>
    );
  if (my.phase === "open") return null;
  return (
    <p className="lead">
      We remind you two days before.{" "}
      {my.workshop.hasSandbox
        ? "When the workshop opens, an AWS account of your own is ready for you on this page, and a mail tells you so."
        : "This page has everything you need on the day."}
    </p>
  );
}

function Afterwards({ my }: { my: MyWorkshop }) {
  const { workshop, team } = my;
  const deletion = workshop.anonymizeAt
    ? `on ${formatDay(workshop.anonymizeAt, workshop.timeZone)}`
    : `${team.anonymizeAfterDays} days after the workshop closes`;
  return (
    <>
      {workshop.hasSandbox ? (
        <p className="lead">
          {workshop.state === "closed"
            ? "Your AWS account was taken back and emptied."
            : "Your AWS account is being taken back and emptied."}
        </p>
      ) : null}
      <p>What we know about you is deleted {deletion}.</p>
    </>
  );
}

const troubleWords: Record<string, string> = {
  unverified: "Show that this is you before you enter the account.",
  not_ready: "Your account is not ready yet. This page says so as soon as it is.",
  gone: "The account was taken back.",
  unavailable: "AWS did not answer. Try again in a moment.",
  forbidden: "That was not sent from this page. Use the button below.",
};

function Trouble({ code }: { code: string }) {
  return (
    <div className="banner bad" role="alert">
      <p>{troubleWords[code] ?? "That did not work. Try again in a moment."}</p>
    </div>
  );
}

/** The way into the account: console first, keys second; before that, what is still missing. */
function Access({ my, access }: { my: MyWorkshop; access: MyAccess | null }) {
  if (my.sandbox === "none") return null;
  if (my.sandbox === "frozen")
    return (
      <p className="lead">
        It has used up the budget that it has for this workshop, so nobody can work in it for now. What you made is
        still there. Tell the people who run the workshop: they can let you go on.
      </p>
    );
  if (my.sandbox === "taken_back") return <p className="lead">It is being emptied for the next workshop.</p>;
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
function Replaced() {
  return (
    <div className="banner" role="status">
      <p>
        Your account was replaced: this one is new and empty. What you made in the old one is gone, and its sign-in and
        keys work no more. Sign out of the old one in the AWS console before you open the new one.
      </p>
    </div>
  );
}

function Preparing({ my }: { my: MyWorkshop }) {
  return (
    <div className="banner" role="status">
      <p>
        {my.sandbox !== "waiting"
          ? my.replaced
            ? "Your account is being replaced. A new, empty one is made ready; this takes about a minute, and this page shows it by itself. What you made in the old one is gone."
            : "Your AWS account is being made ready. This takes about a minute, and this page shows it by itself."
          : "There is no AWS account free for you at this moment. You get one as soon as it is, in the order of confirmation, and this page shows it by itself."}
      </p>
      <Refresh seconds={5} />
      <noscript>
        <p>
          <a href={publicPaths.my(my.registrationId)}>Look again</a>
        </p>
      </noscript>
    </div>
  );
}

/** A click signs in; keys are made at the click. */
function RoleAccess({ my }: { my: MyWorkshop }) {
  const signOut = new URL("/oauth?Action=logout", env().AWS_SIGNIN_URL).toString();
  return (
    <>
      <form action={`${publicPaths.my(my.registrationId)}/console`} method="post" target="_blank" rel="noopener">
        <button type="submit" className="button large">
          Open the console
        </button>
      </form>
      <p className="hint" style={{ marginTop: "0.75rem" }}>
        Opens in a new tab, for an hour at a time. Signed in to another AWS account in this browser?{" "}
        <a href={signOut} target="_blank" rel="noopener noreferrer">
          Sign out of it
        </a>{" "}
        first, or use a private window.
      </p>
      <KeysPanel
        registrationId={my.registrationId}
        timeZone={my.workshop.timeZone}
        zone={zoneName(my.workshop.timeZone)}
      />
    </>
  );
}

/** An IAM user of their own: the account's sign-in page, a password and keys that last as long as the account. */
function UserAccess({ my, access }: { my: MyWorkshop; access: Extract<MyAccess, { kind: "iam_user" }> }) {
  return (
    <>
      <form action={`${publicPaths.my(my.registrationId)}/console`} method="post" target="_blank" rel="noopener">
        <button type="submit" className="button large">
          Open the console
        </button>
      </form>
      <p className="hint" style={{ marginTop: "0.75rem" }}>
        Opens the sign-in page of your account in a new tab. Use a private window where this browser is signed in to
        another AWS account.
      </p>
      <UserPanel registrationId={my.registrationId} access={access} />
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
function Verify({ my }: { my: MyWorkshop }) {
  return (
    <section className="panel" aria-labelledby="verify">
      <h2 id="verify">Is this you?</h2>
      <p>
        {my.phase === "open"
          ? "Show it once in this browser, and your AWS account opens here."
          : "Show it once in this browser to change your data or to cancel, and for your AWS account on the day."}
      </p>
      <VerifyForm registrationId={my.registrationId} />
    </section>
  );
}

/** What only its owner may do. */
function Own({ my, mine }: { my: MyWorkshop; mine: NonNullable<MyWorkshop["mine"]> }) {
  const loss =
    my.state === "waitlisted"
      ? "You lose your place on the list. Registering again puts you at its end."
      : "Your seat goes to whoever is next at once. Registering again may put you on the waitlist.";
  const mayCancel = my.phase === "before" || (my.phase === "open" && my.state === "waitlisted");
  return (
    <section aria-labelledby="own">
      <h2 id="own">My registration</h2>
      <ChangeForm registrationId={my.registrationId} mine={mine} followUp={followUpSentence(my.host.name)} />
      {mayCancel ? <CancelForm registrationId={my.registrationId} loss={loss} /> : null}
      {my.phase === "open" && !mayCancel ? (
        <p className="muted">The workshop has begun, so there is nothing left to cancel. You can leave at any time.</p>
      ) : null}
      <EraseForm registrationId={my.registrationId} loss={eraseLoss(my)} />
    </section>
  );
}

function eraseLoss({ phase, sandbox }: MyWorkshop): string {
  const seat = phase === "after" ? "" : " Your seat, or your place on the list, is given up.";
  const account =
    sandbox === "ready" ? " What is in your AWS account stays until the workshop closes; the way in goes." : "";
  return `Everything that this workshop knows about you is deleted at once, and this page with it.${seat}${account}`;
}

function Ended({ my }: { my: MyWorkshop }) {
  const day = my.workshop.startsAt ? ` · ${formatDay(my.workshop.startsAt, my.workshop.timeZone)}` : "";
  const frame = { team: my.team, eyebrow: `${my.workshop.title}${day}` };
  if (my.phase === "anonymized")
    return (
      <MessagePage {...frame} title="Your data was deleted">
        <p>{my.workshop.hasSandbox ? "So was everything in your AWS account. " : ""}Only a count of people is left.</p>
        <Ask host={my.host} what="For the next workshop, ask" />
      </MessagePage>
    );
  if (my.phase === "workshop_cancelled")
    return (
      <MessagePage {...frame} title="This workshop was cancelled">
        <p>It does not take place. There is nothing that you have to do.</p>
        <Ask host={my.host} what="For other dates, ask" />
      </MessagePage>
    );
  if (my.state === "expired")
    return (
      <MessagePage {...frame} title="No seat became free">
        <p>The workshop is over, and so is its waitlist.</p>
        <Ask host={my.host} what="For the next one, ask" />
      </MessagePage>
    );
  const title = my.state === "rejected" ? "There is no seat for you this time" : "Your registration is cancelled";
  return (
    <MessagePage {...frame} title={title}>
      <p>Your seat is free for somebody else. To come after all, register again through your invitation.</p>
      <Ask host={my.host} what="If you have lost it, ask" />
    </MessagePage>
  );
}
