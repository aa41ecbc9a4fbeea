import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { confirmAction } from "@/app/(public)/confirm/[token]/actions";
import { Frame, MessagePage } from "@/app/(public)/parts/frame";
import { LinkProblemPage } from "@/app/(public)/parts/link-problem";
import { TokenForm } from "@/app/(public)/parts/token-form";
import { When } from "@/app/(public)/parts/workshop";
import { linkPage, visitorContext, words } from "@/server/http/public";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await words("confirm"))("title") };
}

/** Opening this page confirms nothing: mail scanners follow links too. Its button does. */
export default async function ConfirmPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const ctx = visitorContext();
  const page = await linkPage(token, "confirm");
  if (!page) notFound();
  const t = await words("confirm");
  if (page.problem === "used")
    return (
      <MessagePage team={page.team} eyebrow={page.workshop.title} title={t("done")}>
        <p className="lead">{t("doneLead")}</p>
        <TokenForm action={confirmAction} token={token} button={t("open")} busy={t("opening")} />
      </MessagePage>
    );
  if (page.problem) return <LinkProblemPage page={page} problem={page.problem} />;
  const { typed } = page;
  return (
    <Frame team={page.team}>
      <p className="eyebrow">{t("oneMore")}</p>
      <h1 dir="auto">{page.workshop.title}</h1>
      <When workshop={page.workshop} place={page.workshop.place} now={ctx.clock.now()} />
      {typed ? (
        <dl className="facts">
          <dt>{t("name")}</dt>
          <dd dir="auto">{typed.name}</dd>
          <dt>{t("company")}</dt>
          <dd dir="auto">{typed.company}</dd>
          {typed.jobTitle ? (
            <>
              <dt>{t("role")}</dt>
              <dd dir="auto">{typed.jobTitle}</dd>
            </>
          ) : null}
        </dl>
      ) : null}
      <TokenForm action={confirmAction} token={token} button={t("button")} busy={t("busy")} />
      <p className="hint" style={{ marginTop: "1rem" }}>
        {t("notYou")}
      </p>
    </Frame>
  );
}
