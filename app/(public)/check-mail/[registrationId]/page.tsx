import type { Metadata } from "next";
import { ResendForm } from "@/app/(public)/check-mail/[registrationId]/resend-form";
import { MessagePage } from "@/app/(public)/parts/frame";
import { visitorContext } from "@/server/http/public";
import { registrationReceipt } from "@/server/http/receipt";
import { readInvite } from "@/server/invites/invites";
import { publicPaths } from "@/server/paths";
import { maskEmail, readReceipt, resendSeconds } from "@/server/registrations/registrations";

export const metadata: Metadata = { title: "Check your mail" };

export default async function CheckMailPage({ params }: { params: Promise<{ registrationId: string }> }) {
  const { registrationId } = await params;
  const ctx = visitorContext();
  const sealed = await registrationReceipt();
  const receipt = sealed ? readReceipt(ctx, sealed) : null;
  if (receipt?.id !== registrationId)
    return (
      <MessagePage title="Check your mail">
        <p>We have written to the address in the form. The link in that mail leads on.</p>
        <p className="muted">Only the browser that registered sees more here.</p>
      </MessagePage>
    );
  const page = await readInvite(ctx, { token: receipt.invite });
  return (
    <MessagePage team={page?.team} eyebrow={page?.workshop.title} title="Check your mail">
      <p className="lead">
        We have written to <strong dir="ltr">{maskEmail(receipt.email)}</strong>. Open the mail and press its button:
        only then do you have a seat, or your place on the waitlist.
      </p>
      <div className="panel">
        <h2>Nothing there?</h2>
        <p>It can take a minute. Look into the spam folder too.</p>
        <ResendForm waitSeconds={resendSeconds} />
        <p style={{ marginTop: "1.25rem" }}>
          Not your address? <a href={publicPaths.invite(receipt.invite)}>Register again with the right one</a>. The
          wrong one is deleted by itself.
        </p>
      </div>
    </MessagePage>
  );
}
