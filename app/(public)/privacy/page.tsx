import type { Metadata } from "next";
import { Frame } from "@/app/(public)/parts/frame";
import { noticeVersion } from "@/server/registrations/notice";

/** Rendered for each request: the scripts of a stored page would lack the nonce that its headers ask for. */
export const dynamic = "force-dynamic";

export const metadata: Metadata = { title: "What happens to your data", robots: { index: true } };

export default function PrivacyPage() {
  return (
    <Frame>
      <h1>What happens to your data</h1>
      <p className="lead">
        We use what you type to run the workshop you register for, show it to the people who run it, and delete it
        afterwards.
      </p>
      <h2>What we keep, and why</h2>
      <ul>
        <li>Your name and e-mail address, to hold your seat, to write to you about the workshop, and to let you in.</li>
        <li>Your company and, if you give it, your role, so that whoever invited you knows who comes.</li>
        <li>When you registered, confirmed and came; which version of this notice you read, and in which language.</li>
        <li>
          Your time zone, as your browser says it, to give you the times of your own clock. Without script it is not
          kept.
        </li>
      </ul>
      <p>
        This is needed to hold the workshop that you ask to attend. There is no tracking, no advertising, no profile.
      </p>
      <h2>What is up to you</h2>
      <p>
        Whoever invited you writes to you after the workshop only if you ticked the box for it. You can take that back
        on your workshop's page at any time.
      </p>
      <h2>Who sees it</h2>
      <p>
        The account manager who invited you and the team that runs the workshop. Your AWS account for the day carries
        neither your name nor your address.
      </p>
      <h2>When it is deleted</h2>
      <ul>
        <li>Some days after the workshop closes; the invitation names how many. What stays is a count.</li>
        <li>If you never confirm your address: within days, and nothing else is sent to it.</li>
        <li>If the workshop is cancelled: some days after.</li>
        <li>The AWS account and everything that you make in it: when the workshop closes.</li>
      </ul>
      <h2>Cookies</h2>
      <p>
        One, so that your workshop's page knows your browser, and one for a day after you register, so that the mail can
        be sent again. Both are needed for what you ask for; there are no others.
      </p>
      <h2>Your rights</h2>
      <p>
        You see and change your data on your workshop's page, and can cancel there. To have it deleted earlier, or for
        anything else, write to the person who invited you: their address is on the invitation and in every mail.
      </p>
      <p className="muted small">Version {noticeVersion}</p>
    </Frame>
  );
}
