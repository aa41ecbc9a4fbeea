import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Page } from "@playwright/test";
import pg from "pg";
import PostalMime from "postal-mime";
import { hashToken, makeId, makeToken } from "@/server/ids";
import { seal } from "@/server/secrets";
import { expect, type Stack } from "./fixtures";

/** What people do in every journey: sign in, register, confirm, read their mail. */

// --- Mail ------------------------------------------------------------------------------------------------------------

export type Mail = {
  /** Message id and try, as the file is named. */
  file: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  calendar: string;
};

/** Parsed once: a file of the mailbox never changes. */
const parsed = new Map<string, Mail>();

async function readMail(stack: Stack, file: string): Promise<Mail> {
  const path = join(stack.mailbox, file);
  const known = parsed.get(path);
  if (known) return known;
  const mail = await PostalMime.parse(readFileSync(path));
  const part = mail.attachments.find((one) => one.mimeType === "text/calendar" || one.filename?.endsWith(".ics"));
  const content = part?.content ?? "";
  const read = {
    file,
    to: (mail.to ?? []).map(({ address }) => address ?? "").join(", "),
    subject: mail.subject ?? "",
    text: mail.text ?? "",
    html: mail.html ?? "",
    calendar: typeof content === "string" ? content : new TextDecoder().decode(content),
  };
  parsed.set(path, read);
  return read;
}

/** Every mail of the mailbox, oldest first. */
export async function mailsOf(stack: Stack): Promise<Mail[]> {
  const files = readdirSync(stack.mailbox).filter((file) => file.endsWith(".eml"));
  return Promise.all(files.sort().map((file) => readMail(stack, file)));
}

/** The newest mail to an address with this subject, waited for; `not` are those that were there before. */
export async function waitForMail(
  stack: Stack,
  { to, subject, not = [] }: { to: string; subject: RegExp; not?: string[] },
): Promise<Mail> {
  let found: Mail | undefined;
  await expect
    .poll(
      async () => {
        const mails = await mailsOf(stack);
        found = mails.findLast((mail) => mail.to === to && subject.test(mail.subject) && !not.includes(mail.file));
        return found !== undefined;
      },
      { message: `a mail to ${to} about ${subject}`, timeout: 30_000 },
    )
    .toBe(true);
  return found as Mail;
}

/** The link in a mail's plain text: to confirm an address, to enter "my workshop", or an invitation. */
export function linkIn(mail: Mail, path: "confirm" | "enter" | "i"): string {
  const [link] = new RegExp(`https?://\\S+/${path}/[A-Za-z0-9_-]+`).exec(mail.text) ?? [];
  if (!link) throw new Error(`The mail “${mail.subject}” has no link to /${path}/`);
  return link;
}

// --- The team --------------------------------------------------------------------------------------------------------

/** Signs in as people do: address, code from the mail. Ends on the home page. */
export async function signIn(page: Page, stack: Stack, email: string): Promise<void> {
  const before = (await mailsOf(stack)).map((mail) => mail.file);
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Send me a code" }).click();
  const field = page.getByLabel(/^Code of \d digits/);
  await expect(field).toBeVisible();
  const mail = await waitForMail(stack, { to: email, subject: /^Your code/, not: before });
  await field.fill(/Your code is (\d+)/.exec(mail.text)?.[1] ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("navigation").first()).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/");
}

/** A browser that is signed in already, by a session row: for journeys that are about something else. */
export async function beMember(context: BrowserContext, stack: Stack, email: string): Promise<void> {
  await withDatabase(stack, async (db) => {
    const { rows } = await db.query<{ identityId: string; teamId: string }>(
      `select m."identityId", m."teamId" from "Member" m
       join "Identity" i on i.id = m."identityId" join "Team" t on t.id = m."teamId"
       where i.email = $1 and t.slug = split_part(split_part($1, '@', 2), '.', 1)`,
      [email],
    );
    const member = rows[0];
    if (!member) throw new Error(`${email} is in no team`);
    const token = makeToken();
    await db.query(
      `insert into "Session" (id, "tokenHash", "identityId", "teamId", "expiresAt")
       values ($1, $2, $3, $4, now() + interval '1 hour')`,
      [makeId("session", new Date()), hashToken(token), member.identityId, member.teamId],
    );
    await context.addCookies([{ name: "atelier_session", value: token, url: stack.url, httpOnly: true }]);
  });
}

// --- Attendees -------------------------------------------------------------------------------------------------------

export type Guest = { name: string; email: string; company: string; role?: string };

/** Opens an invitation and fills its form, without sending it. */
export async function fillInvitation(page: Page, link: string, guest: Guest): Promise<void> {
  await page.goto(link);
  await page.getByLabel("Your name").fill(guest.name);
  await page.getByLabel("Work e-mail").fill(guest.email);
  await page.getByLabel("Company").fill(guest.company);
  if (guest.role) await page.getByLabel("Your role").fill(guest.role);
}

/** Registers through an invitation; ends on "check your mail". */
export async function register(page: Page, link: string, guest: Guest): Promise<void> {
  await fillInvitation(page, link, guest);
  await page.getByRole("button", { name: "Register", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Check your mail" })).toBeVisible();
}

/** Opens the link of the confirmation mail and presses its button; ends on "my workshop", whose id it answers. */
export async function confirmByMail(page: Page, stack: Stack, email: string): Promise<string> {
  const mail = await waitForMail(stack, { to: email, subject: /^One step left/ });
  await page.goto(linkIn(mail, "confirm"));
  await page.getByRole("button", { name: "Confirm my registration" }).click();
  await page.waitForURL(/\/my\/reg_/);
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

// --- The database ----------------------------------------------------------------------------------------------------

/** Looks into the database as its owner. */
export async function withDatabase<T>(stack: Stack, work: (db: pg.Client) => Promise<T>): Promise<T> {
  const db = new pg.Client({ connectionString: stack.database.ownerUrl });
  await db.connect();
  try {
    return await work(db);
  } finally {
    await db.end();
  }
}

/** A workshop in registration with a link of Ana's, without going through the screens; starts in three days. */
export function makeWorkshop(
  stack: Stack,
  { title, seats, sandbox = false }: { title: string; seats: number; sandbox?: boolean },
): Promise<{ workshopId: string; inviteId: string; link: string }> {
  return withDatabase(stack, async (db) => {
    const now = new Date();
    const [workshopId, inviteId, token] = [makeId("workshop", now), makeId("invite", now), makeToken()];
    const starts = new Date(now.getTime() + 3 * 86_400_000);
    const ends = new Date(starts.getTime() + 8 * 3_600_000);
    await db.query(
      `insert into "Workshop" (id, "teamId", state, title, abstract, place, "startsAt", "endsAt", "timeZone", languages,
         capacity, "registrationAt", "sandboxProfileId", "updatedAt")
       select $1, t.id, 'registration', $2, 'A day.', 'Calle de Alcalá 44, Madrid', $3, $4, 'Europe/Madrid', '{en}', $5, now(),
         (select p.id from "SandboxProfile" p where p."teamId" = t.id and $6 order by p.name desc limit 1), now()
       from "Team" t where t.slug = 'iberia'`,
      [workshopId, title, starts, ends, seats, sandbox],
    );
    const ana = `from "Member" m join "Identity" i on i.id = m."identityId" where i.email = 'ana@iberia.example'`;
    await db.query(
      `insert into "WorkshopAccountManager" ("teamId", "workshopId", "memberId") select m."teamId", $1, m.id ${ana}`,
      [workshopId],
    );
    const key = Buffer.from(readFileSync(join(stack.folder, "secret"), "utf8"), "base64");
    await db.query(
      `insert into "Invite" (id, "teamId", "workshopId", "memberId", "tokenHash", "tokenSealed")
       select $1, m."teamId", $2, m.id, $3, $4 ${ana}`,
      [inviteId, workshopId, hashToken(token), seal(key, "invite", token)],
    );
    return { workshopId, inviteId, link: `${stack.url}/i/${token}` };
  });
}

/** People who are confirmed already, as rows. */
export function addConfirmed(stack: Stack, workshopId: string, count: number): Promise<void> {
  return withDatabase(stack, async (db) => {
    for (let place = 1; place <= count; place++) {
      const [personId, registrationId] = [makeId("person", new Date()), makeId("registration", new Date())];
      await db.query(
        `insert into "Person" (id, "teamId", email, name) select $1, w."teamId", $2, $3 from "Workshop" w where w.id = $4`,
        [personId, `guest${place}.${workshopId}@guests.example`, `Guest ${place}`, workshopId],
      );
      await db.query(
        `insert into "Registration" (id, "teamId", "workshopId", "personId", state, ordinal, company, "noticeVersion",
           "noticeLocale", "noticeAt", "confirmedAt", "updatedAt")
         select $1, w."teamId", w.id, $2, 'confirmed', $3, 'Guests', '1', 'en', now(), now(), now() from "Workshop" w where w.id = $4`,
        [registrationId, personId, place, workshopId],
      );
    }
    await db.query(`update "Workshop" set "seatsTaken" = $2, "lastOrdinal" = $2 where id = $1`, [workshopId, count]);
  });
}

/** Opens a page and waits until its buttons do something: what is clicked before that is lost. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.waitForFunction(() => {
    const buttons = [...document.querySelectorAll("main button")];
    return buttons.every((button) => Object.keys(button).some((key) => key.startsWith("__reactProps")));
  });
}

/** Presses a move's button on the workshop's page, and the same one in the question that follows. */
export async function moveWorkshop(page: Page, label: string): Promise<void> {
  await page.getByRole("button", { name: label, exact: true }).click();
  const question = page.getByRole("dialog");
  await question.getByRole("button", { name: label, exact: true }).click();
  await expect(question).toBeHidden();
}
