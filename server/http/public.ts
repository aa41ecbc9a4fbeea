import { cookies, headers } from "next/headers";
import { cache } from "react";
import { type Context, makeContext } from "@/server/context";
import { failureIn } from "@/server/http/failures";
import { registrationReceipt } from "@/server/http/receipt";
import { type ActionResult, checkOrigin, cookieOptions, formValues } from "@/server/http/request";
import { hashToken } from "@/server/ids";
import { type InvitePage, readInvite } from "@/server/invites/invites";
import { chooseLanguage, type Language, languageCookie, languageOf } from "@/server/languages/kinds";
import {
  type Messages,
  rawWordsIn,
  richWordsIn,
  type Section,
  type Translate,
  type TranslateRich,
  wordsIn,
} from "@/server/languages/languages";
import { readUnsubscribe, type UnsubscribePage } from "@/server/mail/unsubscribe";
import type { AttendeeActor, VisitorActor } from "@/server/permissions";
import { readLanguage } from "@/server/registrations/language";
import type { LinkPage, LinkPurpose } from "@/server/registrations/links";
import { readLink, readReceipt } from "@/server/registrations/registrations";

/** The public pages' edge: the cookie of an attendee's browser, the reader's language, and forms that work without JavaScript. */

const attendeeCookie = "atelier_attendee";
const attendeeDays = 180;

export function visitorContext(): Context<VisitorActor> {
  return makeContext({ kind: "visitor" });
}

/** The token of this browser, or null when it never entered a workshop. One token may open several registrations. */
export async function attendeeToken(): Promise<string | null> {
  return (await cookies()).get(attendeeCookie)?.value ?? null;
}

/** Remembers this browser; call it from an action or a route only. */
export async function setAttendeeCookie(token: string): Promise<void> {
  (await cookies()).set(attendeeCookie, token, cookieOptions(attendeeDays * 86_400));
}

/** The attendee of a registration as this browser proves it, or null; read once for each page. `verified` decides what it may do. */
export const attendeeContext = cache(async (registrationId: string): Promise<Context<AttendeeActor> | null> => {
  const token = await attendeeToken();
  if (!token) return null;
  const ctx = visitorContext();
  const browser = await ctx.db.attendeeBrowser.findUnique({
    where: { tokenHash_registrationId: { tokenHash: hashToken(token), registrationId } },
    select: { teamId: true, verifiedAt: true, expiresAt: true, revokedAt: true },
  });
  if (!browser || browser.revokedAt || browser.expiresAt <= ctx.clock.now()) return null;
  return makeContext({
    kind: "attendee",
    teamId: browser.teamId,
    registrationId,
    verified: browser.verifiedAt !== null,
  });
});

// --- Language --------------------------------------------------------------------------------------------------------

/*
 * The language of a public page. Layout and page ask for it on their own and get the same answer, since all of it is read
 * once for each request: what they need of the database they share with what the page shows.
 */

/** An invitation as its page shows it; read once for each request. */
export const invitePage = cache((token: string): Promise<InvitePage | null> => readInvite(visitorContext(), { token }));

/** A mail's link as its page shows it; read once for each request. */
export const linkPage = cache(
  (token: string, purpose: LinkPurpose): Promise<LinkPage | null> => readLink(visitorContext(), { token, purpose }),
);

/** A mail's unsubscribe link as its page shows it; read once for each request. */
export const unsubscribePage = cache(
  (token: string): Promise<UnsubscribePage | null> => readUnsubscribe(visitorContext(), { token }),
);

/**
 * The language of an invitation: always for one that is mailed to an address; for a shared link only where it is not English,
 * which is what a link gets that nobody chose a language for.
 */
function ofInvite(page: InvitePage | null): Language | null {
  if (!page) return null;
  return page.personal || page.locale !== "en" ? languageOf(page.locale) : null;
}

async function ofReceipt(): Promise<Language | null> {
  const sealed = await registrationReceipt();
  const receipt = sealed ? readReceipt(visitorContext(), sealed) : null;
  return receipt ? ofInvite(await invitePage(receipt.invite)) : null;
}

async function ofRegistration(registrationId: string): Promise<Language | null> {
  const ctx = await attendeeContext(registrationId);
  return ctx ? languageOf(await readLanguage(ctx)) : null;
}

/** What the address of a page says about its reader's language: the link's, or the registration's. */
async function languageOfPath(path: string): Promise<Language | null> {
  const [, page, id = ""] = path.split("/");
  if (page === "i") return ofInvite(await invitePage(id));
  if (page === "confirm" || page === "offer" || page === "handover")
    return languageOf((await linkPage(id, page))?.locale);
  if (page === "enter") return languageOf((await linkPage(id, "personal"))?.locale);
  if (page === "check-mail") return ofReceipt();
  if (page === "unsubscribe") return languageOf((await unsubscribePage(id))?.locale);
  return page === "my" ? ofRegistration(id) : null;
}

/** The language of the page that is asked for, or whose form was sent: kinds.ts#chooseLanguage says how it is chosen. */
export const readerLanguage = cache(async (): Promise<Language> => {
  const head = await headers();
  const byHand = { address: head.get("x-language"), cookie: (await cookies()).get(languageCookie)?.value };
  const chosen = languageOf(byHand.address) ?? languageOf(byHand.cookie);
  const link = chosen ? null : await languageOfPath(head.get("x-path") ?? "");
  return chooseLanguage({ ...byHand, link, browser: head.get("accept-language") });
});

/** The sentences of a section in the reader's language. */
export async function words<S extends Section>(section: S): Promise<Translate<S>> {
  return wordsIn(await readerLanguage(), section);
}

/** The sentences of a section that have parts in tags, such as a link. */
export async function richWords<S extends Section>(section: S): Promise<TranslateRich<S>> {
  return richWordsIn(await readerLanguage(), section);
}

/** The same as they stand in the file, for a client component. */
export async function rawWords<S extends Section>(section: S): Promise<Messages[S]> {
  return rawWordsIn(await readerLanguage(), section);
}

/** Keeps a language that was chosen by hand; call it from an action only. Following `?lang=` is kept by the proxy. */
export async function setLanguageCookie(language: Language): Promise<void> {
  (await cookies()).set(languageCookie, language, cookieOptions(365 * 86_400));
}

// --- Forms -----------------------------------------------------------------------------------------------------------

/**
 * A form's action for `useActionState`: refuses a foreign origin, keeps what was typed, and turns expected failures into text
 * beside the fields, in the reader's language or the one that the page has in any case.
 */
export function publicAction<T>(run: (form: FormData) => Promise<T>, language?: Language) {
  return async (_previous: ActionResult<T> | null, form: FormData): Promise<ActionResult<T>> => {
    try {
      await checkOrigin();
      return { ok: true, value: await run(form) };
    } catch (error) {
      return failureIn(language ?? (await readerLanguage()), error, formValues(form));
    }
  };
}
