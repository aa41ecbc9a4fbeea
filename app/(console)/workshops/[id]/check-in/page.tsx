import type { Metadata } from "next";
import { CheckInScreen } from "@/components/workshops/check-in-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound, type SearchParams, searchParam } from "@/server/http/pages";
import type { Language } from "@/server/languages/kinds";
import { consolePaths } from "@/server/paths";
import { mayDo } from "@/server/permissions";
import { noticeSentence } from "@/server/registrations/notice";
import { readRoom } from "@/server/registrations/registrations";

export const metadata: Metadata = { title: "Check-in" };

/** What somebody at the door reads before they are written down, in the language of their mails. */
function noticesIn(facts: { teamName: string; anonymizeAfterDays: number }): Record<Language, string> {
  const sentence = (language: Language) => noticeSentence(facts, language);
  return { en: sentence("en"), es: sentence("es"), pt: sentence("pt"), it: sentence("it"), fr: sentence("fr") };
}

type Props = { params: Promise<{ id: string }>; searchParams: SearchParams };

/** The door on the day, made for a phone in one hand. */
export default async function CheckInPage({ params, searchParams }: Props) {
  const { id } = await params;
  const ctx = await memberContext(consolePaths.checkIn(id));
  const { workshop, time, notice, people, ...room } = await pageOrNotFound(() => readRoom(ctx, { workshopId: id }));
  return (
    <CheckInScreen
      room={{
        ...room,
        workshop: {
          ...workshop,
          startsAt: workshop.startsAt?.toISOString() ?? null,
          endsAt: workshop.endsAt?.toISOString() ?? null,
        },
        phase: time.phase,
        opensAt: time.phase === "not_yet" ? (time.from?.toISOString() ?? null) : null,
        people: people.map((person) => ({ ...person, checkedInAt: person.checkedInAt?.toISOString() ?? null })),
        notices: noticesIn(notice),
        mayHelp: mayDo(ctx.actor.role, "registration.help"),
        publicUrl: ctx.env.PUBLIC_URL,
      }}
      person={await searchParam(searchParams, "person")}
    />
  );
}
