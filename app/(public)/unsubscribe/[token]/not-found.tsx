import { MessagePage } from "@/app/(public)/parts/frame";
import { words } from "@/server/http/public";

/** A link that is cut off, or whose address we no longer know. */
export default async function NotFound() {
  const t = await words("unsubscribe");
  return (
    <MessagePage title={t("unknownTitle")}>
      <p>{t("unknown")}</p>
    </MessagePage>
  );
}
