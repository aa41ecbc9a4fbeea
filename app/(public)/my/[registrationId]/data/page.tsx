import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { Frame } from "@/app/(public)/parts/frame";
import { DomainError } from "@/server/errors";
import { attendeeContext, readerLanguage, words } from "@/server/http/public";
import { languageNames, languageOf } from "@/server/languages/kinds";
import { publicPaths } from "@/server/paths";
import { type MyDataSummary, readMyData } from "@/server/privacy/export";
import { formatDay, formatMoment } from "@/server/times";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await words("myData"))("title") };
}

/** What is held about an attendee, in words; the file has all of it. For a verified browser, else back to the workshop's page. */
export default async function MyDataPage({ params }: { params: Promise<{ registrationId: string }> }) {
  const { registrationId } = await params;
  const ctx = await attendeeContext(registrationId);
  const data = ctx?.actor.verified ? await readOrNull(() => readMyData(ctx)) : null;
  if (!ctx || !data) redirect(publicPaths.my(registrationId));
  const [t, language] = [await words("myData"), await readerLanguage()];
  const now = formatMoment(ctx.clock.now(), data.timeZone, language);
  return (
    <Frame>
      <h1>{t("title")}</h1>
      <p className="lead">{t("intro", { team: data.team, now })}</p>
      <Sections data={data} />
      <p>
        {data.deletedAt
          ? t("deleted", { day: formatDay(data.deletedAt, data.timeZone, language) })
          : t("deletedAfter", { days: data.deletedAfterDays })}
      </p>
      <form action={publicPaths.myDataFile(registrationId)} method="post">
        <button type="submit" className="button">
          {t("download")}
        </button>
      </form>
      <p className="actions" style={{ marginTop: "1.5rem" }}>
        <a href={publicPaths.my(registrationId)}>{t("back")}</a>
      </p>
    </Frame>
  );
}

async function readOrNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

/** One heading for each kind of thing that is held, with what is there. */
async function Sections({ data }: { data: MyDataSummary }) {
  const [t, language] = [await words("myData"), await readerLanguage()];
  const { registration, timeZone, answers } = data;
  const { person, leases } = registration;
  const at = (moment: Date | null) => (moment ? formatMoment(moment, timeZone, language) : null);
  const mine = languageOf(person.locale);
  return (
    <>
      <Facts
        title={t("person")}
        rows={[
          [t("name"), person.name ?? registration.typedName],
          [t("email"), person.email],
          [t("timeZone"), person.timeZone],
          [t("language"), mine ? languageNames[mine] : person.locale],
        ]}
      />
      <Facts
        title={t("registration")}
        rows={[
          [t("company"), registration.company],
          [t("jobTitle"), registration.jobTitle],
          [t("registered"), at(registration.createdAt)],
          [t("confirmed"), at(registration.confirmedAt)],
          [t("notice"), at(registration.noticeAt)],
          [t("followUp"), at(registration.followUpAt) ?? t("followUpNo")],
          [t("checkedIn"), at(registration.checkedInAt)],
          [t("console"), at(registration.consoleOpenedAt)],
        ]}
      />
      <Facts
        title={t("answers")}
        rows={answers.map(({ question, answer, consentAt }) => [question, answer ?? at(consentAt)])}
      />
      <Facts
        title={t("account")}
        rows={leases.flatMap(({ reservedAt, endedAt }): [string, string | null][] => [
          [t("lent"), at(reservedAt)],
          [t("returned"), at(endedAt)],
        ])}
      />
      <Facts title={t("mails")} rows={[[t("mails"), t("mailCount", { count: data.mails })]]} />
      <Facts title={t("others")} rows={[[t("others"), t("rows", { count: data.others })]]} />
    </>
  );
}

/** Labels with values, without those that are empty; nothing where all are. */
function Facts({ title, rows }: { title: string; rows: [string, string | null][] }) {
  const filled = rows.filter(([, value]) => value !== null && value !== "");
  if (filled.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <dl className="facts">
        {filled.map(([label, value], index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: labels may come twice, and rows never move
          <div key={index} style={{ display: "contents" }}>
            <dt>{label}</dt>
            <dd dir="auto">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
