import type { Metadata } from "next";
import { Frame } from "@/app/(public)/parts/frame";
import { words } from "@/server/http/public";
import { noticeVersion } from "@/server/registrations/notice";

/** Rendered for each request: the scripts of a stored page would lack the nonce that its headers ask for. */
export const dynamic = "force-dynamic";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await words("privacy"))("title"), robots: { index: true } };
}

export default async function PrivacyPage() {
  const t = await words("privacy");
  return (
    <Frame>
      <h1>{t("title")}</h1>
      <p className="lead">{t("lead")}</p>
      <h2>{t("keepTitle")}</h2>
      <ul>
        <li>{t("keepName")}</li>
        <li>{t("keepCompany")}</li>
        <li>{t("keepWhen")}</li>
        <li>{t("keepZone")}</li>
      </ul>
      <p>{t("needed")}</p>
      <h2>{t("choiceTitle")}</h2>
      <p>{t("choice")}</p>
      <h2>{t("seesTitle")}</h2>
      <p>{t("sees")}</p>
      <h2>{t("deletedTitle")}</h2>
      <ul>
        <li>{t("deletedAfter")}</li>
        <li>{t("deletedUnverified")}</li>
        <li>{t("deletedCancelled")}</li>
        <li>{t("deletedAccount")}</li>
      </ul>
      <h2>{t("cookiesTitle")}</h2>
      <p>{t("cookies")}</p>
      <h2>{t("rightsTitle")}</h2>
      <p>{t("rights")}</p>
      <p className="muted small">{t("version", { version: noticeVersion })}</p>
    </Frame>
  );
}
