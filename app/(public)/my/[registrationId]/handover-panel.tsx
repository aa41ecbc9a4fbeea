import { AskColleague, OneButton } from "@/app/(public)/my/[registrationId]/seat-forms";
import { rawWords, readerLanguage, words } from "@/server/http/public";
import { languageNames } from "@/server/languages/kinds";
import type { MyHandover } from "@/server/registrations/handover";
import { formatMoment } from "@/server/times";

const obstacleKeys = { too_late: "handoverTooLate", approval: "handoverApproval" } as const;

type Props = { registrationId: string; handover: MyHandover; timeZone: string };

/** Handing over the seat: a form, or who is asked and until when; nothing for who has no seat. */
export async function HandoverPanel({ registrationId, handover, timeZone }: Props) {
  const { obstacle, pending } = handover;
  if (obstacle === "no_seat") return null;
  const [t, language] = [await words("handover"), await readerLanguage()];
  const raw = await rawWords("handover");
  if (pending) {
    const { name, email, endsAt } = pending;
    return (
      <section className="panel" aria-labelledby="handover">
        <h3 id="handover">{t("pending", { name })}</h3>
        <p>{t("pendingBody", { name, email, until: formatMoment(endsAt, timeZone, language) })}</p>
        <OneButton
          act="withdraw"
          registrationId={registrationId}
          button={t("withdraw")}
          busy={t("withdrawing")}
          second
        />
      </section>
    );
  }
  if (obstacle)
    return (
      <details>
        <summary>{t("summary")}</summary>
        <p className="inside">{(await words("problems"))(obstacleKeys[obstacle])}</p>
      </details>
    );
  return (
    <AskColleague
      registrationId={registrationId}
      language={language}
      languages={Object.entries(languageNames)}
      words={raw}
    />
  );
}
