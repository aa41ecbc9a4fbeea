import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { enterAction } from "@/app/(public)/enter/[token]/actions";
import { Frame } from "@/app/(public)/parts/frame";
import { LinkProblemPage } from "@/app/(public)/parts/link-problem";
import { TokenForm } from "@/app/(public)/parts/token-form";
import { When } from "@/app/(public)/parts/workshop";
import { linkPage, visitorContext, words } from "@/server/http/public";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await words("my"))("title") };
}

/** A personal link: its button exchanges it for a cookie and goes on to an address without a token. */
export default async function EnterPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const ctx = visitorContext();
  const page = await linkPage(token, "personal");
  if (!page) notFound();
  if (page.problem) return <LinkProblemPage page={page} problem={page.problem} />;
  const t = await words("confirm");
  return (
    <Frame team={page.team}>
      <p className="eyebrow">{(await words("my"))("title")}</p>
      <h1 dir="auto">{page.workshop.title}</h1>
      <When workshop={page.workshop} place={page.workshop.place} now={ctx.clock.now()} relative />
      <TokenForm action={enterAction} token={token} button={t("open")} busy={t("opening")} />
    </Frame>
  );
}
