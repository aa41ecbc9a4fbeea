import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { confirmAction } from "@/app/(public)/confirm/[token]/actions";
import { Frame, MessagePage } from "@/app/(public)/parts/frame";
import { LinkProblemPage } from "@/app/(public)/parts/link-problem";
import { TokenForm } from "@/app/(public)/parts/token-form";
import { When } from "@/app/(public)/parts/workshop";
import { visitorContext } from "@/server/http/public";
import { readLink } from "@/server/registrations/registrations";

export const metadata: Metadata = { title: "Confirm your address" };

/** Opening this page confirms nothing: mail scanners follow links too. Its button does. */
export default async function ConfirmPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const ctx = visitorContext();
  const page = await readLink(ctx, { token, purpose: "confirm" });
  if (!page) notFound();
  if (page.problem === "used")
    return (
      <MessagePage team={page.team} eyebrow={page.workshop.title} title="Your address is confirmed">
        <p className="lead">Your workshop's page says where you stand.</p>
        <TokenForm action={confirmAction} token={token} button="Open my workshop" busy="Opening" />
      </MessagePage>
    );
  if (page.problem) return <LinkProblemPage page={page} problem={page.problem} />;
  const { typed } = page;
  return (
    <Frame team={page.team}>
      <p className="eyebrow">One more step</p>
      <h1 dir="auto">{page.workshop.title}</h1>
      <When workshop={page.workshop} place={page.workshop.place} now={ctx.clock.now()} />
      {typed ? (
        <dl className="facts">
          <dt>Name</dt>
          <dd dir="auto">{typed.name}</dd>
          <dt>Company</dt>
          <dd dir="auto">{typed.company}</dd>
          {typed.jobTitle ? (
            <>
              <dt>Role</dt>
              <dd dir="auto">{typed.jobTitle}</dd>
            </>
          ) : null}
        </dl>
      ) : null}
      <TokenForm action={confirmAction} token={token} button="Confirm my registration" busy="Confirming" />
      <p className="hint" style={{ marginTop: "1rem" }}>
        Was this not you? Then close this page: nothing happens, and the data is deleted by itself.
      </p>
    </Frame>
  );
}
