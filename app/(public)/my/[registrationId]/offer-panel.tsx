import { OneButton } from "@/app/(public)/my/[registrationId]/seat-forms";
import { readerLanguage, words } from "@/server/http/public";
import type { MyWorkshop } from "@/server/registrations/read";
import { formatMoment } from "@/server/times";

/** A seat that is held for its reader: until when, and, in a verified browser, the two buttons. */
export async function OfferPanel({ my }: { my: MyWorkshop }) {
  const [t, language] = [await words("offer"), await readerLanguage()];
  const { registrationId, offerEndsAt } = my;
  return (
    <>
      {offerEndsAt ? (
        <p className="lead">{t("lead", { until: formatMoment(offerEndsAt, my.workshop.timeZone, language) })}</p>
      ) : null}
      {my.verified ? (
        <>
          <OneButton act="take" registrationId={registrationId} button={t("take")} busy={t("taking")} />
          <p className="hint" style={{ marginTop: "1.5rem" }}>
            {t("declineHint")}
          </p>
          <OneButton act="decline" registrationId={registrationId} button={t("decline")} busy={t("declining")} second />
        </>
      ) : (
        <p>{(await words("my"))("offered")}</p>
      )}
    </>
  );
}
