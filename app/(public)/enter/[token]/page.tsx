import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { enterAction } from "@/app/(public)/enter/[token]/actions";
import { Frame } from "@/app/(public)/parts/frame";
import { LinkProblemPage } from "@/app/(public)/parts/link-problem";
import { TokenForm } from "@/app/(public)/parts/token-form";
import { When } from "@/app/(public)/parts/workshop";
import { visitorContext } from "@/server/http/public";
import { readLink } from "@/server/registrations/registrations";

export const metadata: Metadata = { title: "My workshop" };

/** A personal link: its button exchanges it for a cookie and goes on to an address without a token. */
export default async function EnterPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const ctx = visitorContext();
  const page = await readLink(ctx, { token, purpose: "personal" });
  if (!page) notFound();
  if (page.problem) return <LinkProblemPage page={page} problem={page.problem} />;
  return (
    <Frame team={page.team}>
      <p className="eyebrow">My workshop</p>
      <h1 dir="auto">{page.workshop.title}</h1>
      <When workshop={page.workshop} place={page.workshop.place} now={ctx.clock.now()} relative />
      <TokenForm action={enterAction} token={token} button="Open my workshop" busy="Opening" />
    </Frame>
  );
}
