import type { Context } from "@/server/context";
import { DomainError } from "@/server/errors";
import type { Language } from "@/server/languages/kinds";
import type { AttendeeActor } from "@/server/permissions";

/** The language that a registration's mails and "my workshop" are in; null once it is anonymized or gone. */
export async function readLanguage(ctx: Context<AttendeeActor>): Promise<string | null> {
  const { teamId, registrationId } = ctx.actor;
  const registration = await ctx.db.registration.findFirst({
    where: { id: registrationId, teamId, anonymizedAt: null },
    select: { state: true, noticeLocale: true, person: { select: { locale: true } } },
  });
  if (!registration) return null;
  return registration.state === "unverified" ? registration.noticeLocale : registration.person.locale;
}

/** Changes the language of the attendee's mails from now on, from a verified browser. Throws `unverified`. */
export async function changeMyLanguage(ctx: Context<AttendeeActor>, input: { language: Language }): Promise<void> {
  const { teamId, registrationId, verified } = ctx.actor;
  if (!verified)
    throw new DomainError("unverified", "First show that this is you: with the code that we mail you.", {
      say: { key: "unverified" },
    });
  await ctx.db.person.updateMany({
    where: { teamId, anonymizedAt: null, registrations: { some: { id: registrationId, anonymizedAt: null } } },
    data: { locale: input.language },
  });
}
