import { MessagePage } from "@/app/(public)/parts/frame";
import { words } from "@/server/http/public";

/** A link from a mail that is no link of ours, or only part of one. */
export async function UnknownLink() {
  const t = await words("invitation");
  return (
    <MessagePage title={t("incomplete.title")}>
      <p>{t("incomplete.mailBody")}</p>
      <p>{t("incomplete.mailAgain")}</p>
    </MessagePage>
  );
}
