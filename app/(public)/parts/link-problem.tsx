import { Ask, MessagePage } from "@/app/(public)/parts/frame";
import { readerLanguage, words } from "@/server/http/public";
import type { ConfirmProblem, LinkPage } from "@/server/registrations/links";
import { formatDay } from "@/server/times";

/** The page of a link that does nothing any more: what happened, and what can be done. */
export async function LinkProblemPage({ page, problem }: { page: LinkPage; problem: ConfirmProblem }) {
  const [t, language] = [await words("link"), await readerLanguage()];
  const { startsAt, timeZone } = page.workshop;
  const day = startsAt ? ` · ${formatDay(startsAt, timeZone, language)}` : "";
  return (
    <MessagePage team={page.team} eyebrow={`${page.workshop.title}${day}`} title={t(`${problem}.title`)}>
      <p>{t(`${problem}.body`)}</p>
      <Ask host={page.host} what={t(`${problem}.ask`)} />
    </MessagePage>
  );
}
