import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { MessagePage } from "@/app/(public)/parts/frame";
import { TokenForm } from "@/app/(public)/parts/token-form";
import { resubscribeAction, unsubscribeAction } from "@/app/(public)/unsubscribe/[token]/actions";
import { unsubscribePage, words } from "@/server/http/public";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await words("unsubscribe"))("title"), robots: { index: false } };
}

/** Opening this page changes nothing: mail scanners follow links too. Its button does, and the way back is here too. */
export default async function Unsubscribe({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const page = await unsubscribePage(token);
  if (!page) notFound();
  const { team, unsubscribed } = page;
  const t = await words("unsubscribe");
  if (unsubscribed)
    return (
      <MessagePage team={team} title={t("doneTitle")}>
        <p role="status">{t("done", { team: team.name })}</p>
        <p>{t("still")}</p>
        <TokenForm key="back" action={resubscribeAction} token={token} button={t("back")} busy={t("busy")} />
      </MessagePage>
    );
  return (
    <MessagePage team={team} title={t("title")}>
      <p>{t("ask", { team: team.name })}</p>
      <p>{t("still")}</p>
      <TokenForm key="stop" action={unsubscribeAction} token={token} button={t("button")} busy={t("busy")} />
    </MessagePage>
  );
}
