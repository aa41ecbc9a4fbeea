import { CodeEntry } from "@/app/(public)/my/[registrationId]/code-entry";
import { Qr } from "@/components/qr";
import { env } from "@/server/env";
import { rawWords, words } from "@/server/http/public";
import { consolePaths } from "@/server/paths";

/** The code for the door, on the attendee's own screen: open on the day, folded before. It holds no secret and no data. */
export async function DoorCode({ registrationId, today }: { registrationId: string; today: boolean }) {
  const t = await words("door");
  return (
    <details open={today}>
      <summary>{t("title")}</summary>
      <div className="inside">
        <p>{t("show")}</p>
        <Qr text={`${env().PUBLIC_URL}${consolePaths.checkInCode(registrationId)}`} label={t("label")} />
      </div>
    </details>
  );
}

/** For somebody in the room whose browser is not known: the way in by a code that is read out. Says nothing about the id. */
export async function DoorEntry({ registrationId }: { registrationId: string }) {
  const t = await words("door");
  return (
    <section className="panel" aria-labelledby="in-the-room">
      <h2 id="in-the-room">{t("entryTitle")}</h2>
      <p>{t("entryBody")}</p>
      <CodeEntry registrationId={registrationId} words={await rawWords("door")} />
    </section>
  );
}
