import { MessagePage } from "@/app/(public)/parts/frame";
import { words } from "@/server/http/public";

export default async function NothingHere() {
  const t = await words("frame");
  return (
    <MessagePage title={t("nothingTitle")}>
      <p>{t("nothingBody")}</p>
    </MessagePage>
  );
}
