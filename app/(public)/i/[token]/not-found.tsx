import { MessagePage } from "@/app/(public)/parts/frame";
import { words } from "@/server/http/public";

export default async function UnknownInvitation() {
  const t = await words("invitation");
  return (
    <MessagePage title={t("incomplete.title")}>
      <p>{t("incomplete.body")}</p>
      <p>{t("incomplete.ask")}</p>
    </MessagePage>
  );
}
