import { randomBytes } from "node:crypto";
import { expect, type Stack, test } from "./fixtures";
import {
  beMember,
  confirmByMail,
  fillInvitation,
  type Guest,
  linkIn,
  makeWorkshop,
  open,
  register,
  waitForMail,
  withDatabase,
} from "./people";

/** What people do wrong, by accident and on purpose: each gets an answer in their own words, and nothing is lost. */

// Pages for links that lead nowhere answer 404, and the browser says so in its console.
test.use({ allowedErrors: [/status of 404/] });

const unique = () => randomBytes(4).toString("hex");
const guest = (over: Partial<Guest> = {}): Guest => ({
  name: "Lucía Gómez",
  email: `lucia.${unique()}@guests.example`,
  company: "Atlántica",
  ...over,
});

/** How many registrations a workshop has, and how many of its seats are taken. */
async function countOf(stack: Stack, workshopId: string) {
  return withDatabase(stack, async (db) => {
    const { rows } = await db.query<{ rows: number; seats: number }>(
      `select (select count(*)::int from "Registration" r where r."workshopId" = w.id) as rows, w."seatsTaken" as seats
       from "Workshop" w where w.id = $1`,
      [workshopId],
    );
    return rows[0];
  });
}

const change = (stack: Stack, sql: string, id: string) => withDatabase(stack, (db) => db.query(sql, [id]));

test("a link that is wrong, cut short, used, expired or revoked says so, and whom to ask", async ({ page, stack }) => {
  const { link, inviteId, workshopId } = await makeWorkshop(stack, { title: "Links day", seats: 9 });
  const whole = page.getByRole("heading", { name: "This link is not complete" });
  for (const wrong of [`${link}x`, link.slice(0, -3), `${stack.url}/i/nothing`, `${stack.url}/i/%00`]) {
    await page.goto(wrong);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  const lucia = guest();
  await register(page, link, lucia);
  const confirm = linkIn(await waitForMail(stack, { to: lucia.email, subject: /^One step left/ }), "confirm");
  for (const wrong of [confirm.slice(0, -2), confirm.replace("/confirm/", "/enter/")]) {
    await page.goto(wrong);
    await expect(whole).toBeVisible();
  }

  await test.step("expired and revoked before it was used", async () => {
    await change(
      stack,
      `update "PersonalLink" set "expiresAt" = now() - interval '1 day' where "registrationId" in
      (select id from "Registration" where "workshopId" = $1)`,
      workshopId,
    );
    await page.goto(confirm);
    await expect(page.getByRole("heading", { name: "This link has expired" })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("ana@iberia.example");
    await change(
      stack,
      `update "PersonalLink" set "revokedAt" = now() where "registrationId" in
      (select id from "Registration" where "workshopId" = $1)`,
      workshopId,
    );
    await page.goto(confirm);
    await expect(page.getByRole("heading", { name: "This link was withdrawn" })).toBeVisible();
    await change(
      stack,
      `update "PersonalLink" set "expiresAt" = now() + interval '1 day', "revokedAt" = null where
      "registrationId" in (select id from "Registration" where "workshopId" = $1)`,
      workshopId,
    );
  });

  await test.step("used: it still leads on", async () => {
    await confirmByMail(page, stack, lucia.email);
    await page.goto(confirm);
    await expect(page.getByRole("heading", { name: "Your address is confirmed" })).toBeVisible();
    await page.getByRole("button", { name: "Open my workshop" }).click();
    await expect(page.getByRole("heading", { name: "You are in" })).toBeVisible();
    expect(await countOf(stack, workshopId)).toEqual({ rows: 1, seats: 1 });
  });

  await test.step("an invitation that expired or was revoked", async () => {
    await change(stack, `update "Invite" set "expiresAt" = now() - interval '1 minute' where id = $1`, inviteId);
    await page.goto(link);
    await expect(page.getByRole("heading", { name: "This invitation has expired" })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("ana@iberia.example");
    await change(stack, `update "Invite" set "revokedAt" = now() where id = $1`, inviteId);
    await page.goto(link);
    await expect(page.getByRole("heading", { name: "This invitation was withdrawn" })).toBeVisible();
    await expect(page.getByRole("main")).not.toContainText("Links day");
  });
});

test("a form that is sent while its invitation is being revoked keeps what was typed and says why", async ({
  page,
  stack,
}) => {
  const { link, inviteId } = await makeWorkshop(stack, { title: "Late day", seats: 9 });
  const lucia = guest();
  await fillInvitation(page, link, lucia);
  await change(stack, `update "Invite" set "revokedAt" = now() where id = $1`, inviteId);
  await page.getByRole("button", { name: "Register", exact: true }).click();
  await expect(page.getByRole("main").getByRole("alert")).toContainText("ana@iberia.example");
  await expect(page.getByLabel("Work e-mail")).toHaveValue(lucia.email);
});

test("double clicks, two tabs and the back button make one registration with one seat", async ({ page, stack }) => {
  const { link, workshopId } = await makeWorkshop(stack, { title: "Twice day", seats: 9 });
  const lucia = guest();
  const second = await page.context().newPage();
  await fillInvitation(page, link, lucia);
  await fillInvitation(second, link, lucia);
  await page.getByRole("button", { name: "Register", exact: true }).dblclick();
  await expect(page.getByRole("heading", { name: "Check your mail" })).toBeVisible();
  await second.getByRole("button", { name: "Register", exact: true }).click();
  await expect(second.getByRole("heading", { name: "Check your mail" })).toBeVisible();
  expect(await countOf(stack, workshopId)).toEqual({ rows: 1, seats: 0 });

  const mail = await waitForMail(stack, { to: lucia.email, subject: /^One step left/ });
  await page.goto(linkIn(mail, "confirm"));
  await second.goto(linkIn(mail, "confirm"));
  await page.getByRole("button", { name: "Confirm my registration" }).dblclick();
  await second.getByRole("button", { name: "Confirm my registration" }).click();
  for (const tab of [page, second]) await expect(tab.getByRole("heading", { name: "You are in" })).toBeVisible();
  expect(await countOf(stack, workshopId)).toEqual({ rows: 1, seats: 1 });

  await page.goBack();
  const again = page.getByRole("button", { name: /Confirm my registration|Open my workshop/ });
  await again.click();
  await expect(page.getByRole("heading", { name: "You are in" })).toBeVisible();
  expect(await countOf(stack, workshopId)).toEqual({ rows: 1, seats: 1 });
});

for (const script of [true, false])
  test(`names and addresses that cannot be are refused beside the field, ${script ? "with" : "without"} JavaScript, and stay as typed`, async ({
    newPerson,
    stack,
  }) => {
    const { link, workshopId } = await makeWorkshop(stack, { title: "Typing day", seats: 9 });
    const page = await (await newPerson({ javaScriptEnabled: script })).newPage();
    const send = async () => {
      const answer = page.waitForResponse((response) => response.request().method() === "POST");
      await page.getByRole("button", { name: "Register", exact: true }).click();
      await answer;
      await expect(page.getByRole("button", { name: "Register", exact: true })).not.toBeDisabled();
    };
    const long = "Ж".repeat(10_000);
    await fillInvitation(page, link, guest({ name: long, company: "Atlántica", role: "Weaver" }));
    await send();
    await expect(page.locator("#name-error")).toHaveText("Shorten this to 120 characters; it has 10,000.");
    await expect(page.getByLabel("Your name")).toHaveValue(long);
    await expect(page.getByLabel("Your role")).toHaveValue("Weaver");
    await page.getByLabel("Your name").fill("Lucía Gómez");
    const absurd = ["lucia", "lucia@", "@guests.example", "a@b", "lucía@guests.example", "a b@guests.example"].concat(
      ...["a@guests..example", "<b>@guests.example", `${"a".repeat(300)}@guests.example`, "a@b.example, c@d.example"],
    );
    for (const email of absurd) {
      await page.getByLabel("Work e-mail").fill(email);
      await send();
      await expect(page.locator("#email-error")).toBeVisible();
      await expect(page.getByLabel("Work e-mail")).toHaveValue(email);
      await expect(page.getByLabel("Company")).toHaveValue("Atlántica");
    }
    await page.getByLabel("Your name").fill("   ");
    await send();
    await expect(page.locator("#name-error")).toHaveText("Enter your name.");
    expect(await countOf(stack, workshopId)).toEqual({ rows: 0, seats: 0 });
  });

test("emoji, right-to-left text and markup in a name are text on every screen and in every mail", async ({
  page,
  stack,
  newPerson,
}) => {
  const { link, workshopId } = await makeWorkshop(stack, { title: "Names day", seats: 9 });
  const names = [
    "👩🏽‍🚀 Zoë 🦄",
    "مريم بنت عبد الله",
    `<img src=x onerror="document.title='hacked'"><b>Bold</b> & "Co"`,
    "{{constructor}} %s '; drop table",
  ];
  for (const name of names) {
    const person = guest({ name, company: `<script>document.title='hacked'</script>` });
    const theirs = await (await newPerson()).newPage();
    await register(theirs, link, person);
    const mail = await waitForMail(stack, { to: person.email, subject: /^One step left/ });
    await theirs.goto(linkIn(mail, "confirm"));
    await expect(theirs.getByText(name, { exact: true })).toBeVisible();
    await confirmByMail(theirs, stack, person.email);
    await theirs.getByText("Change my data").click();
    await expect(theirs.getByLabel("Your name")).toHaveValue(name);
    expect(await theirs.title()).not.toContain("hacked");
  }
  await beMember(page.context(), stack, "teo@iberia.example");
  await open(page, `/workshops/${workshopId}/registrations`);
  for (const name of names) await expect(page.getByText(name, { exact: true }).first()).toBeVisible();
  const { rows } = await withDatabase(stack, (db) =>
    db.query<{ id: string; name: string }>(
      `select m.id, p.name from "Message" m join "Registration" r on r.id = m."registrationId" join "Person" p
       on p.id = r."personId" where m."workshopId" = $1 and m.kind = 'confirmed'`,
      [workshopId],
    ),
  );
  expect(rows.map((row) => row.name).sort()).toEqual([...names].sort());
  for (const { id, name } of rows) {
    await page.goto(`/mail/${id}`);
    await expect(page.getByText(name, { exact: true }).first()).toBeVisible();
    expect(await page.title()).not.toContain("hacked");
    expect(await page.locator("img[src=x]").count()).toBe(0);
  }
});

test("a form that is sent without an origin, or from another site, changes nothing and says so", async ({
  newPerson,
  stack,
}) => {
  const { link, workshopId } = await makeWorkshop(stack, { title: "Origin day", seats: 9 });
  const page = await (await newPerson({ javaScriptEnabled: false })).newPage();
  await page.goto(link);
  const hidden = await page
    .locator("#register form input[type=hidden]")
    .evaluateAll((inputs) =>
      inputs.map((input) => [input.getAttribute("name") ?? "", input.getAttribute("value") ?? ""] as const),
    );
  const send = async (origin: string | null) => {
    const form = new FormData();
    for (const [name, value] of hidden) form.append(name, value);
    for (const [name, value] of Object.entries(guest())) form.append(name, value);
    return fetch(link, { method: "POST", body: form, headers: origin ? { origin } : {}, redirect: "manual" });
  };
  const without = await send(null);
  expect(await without.text()).toContain("This form was not sent from this site");
  const foreign = await send("https://elsewhere.example");
  expect(foreign.status).not.toBe(303);
  expect(await countOf(stack, workshopId)).toEqual({ rows: 0, seats: 0 });
  // The same form from our own origin is taken, so it was the origin that was refused.
  expect((await send(stack.url)).status).toBe(303);
  expect(await countOf(stack, workshopId)).toEqual({ rows: 1, seats: 0 });
});

test("the wizard names each date, number and zone that cannot be, and keeps the rest", async ({ page, stack }) => {
  await beMember(page.context(), stack, "teo@iberia.example");
  await open(page, "/workshops/new");
  const next = page.getByRole("button", { name: "Next", exact: true });
  await page.getByLabel("Title", { exact: true }).fill("T".repeat(10_000));
  await page.getByLabel("Seats", { exact: true }).fill("-3");
  await next.click();
  await expect(page.getByText("The title has more than 120 characters").first()).toBeVisible();
  await expect(page.getByText("At least one seat").first()).toBeVisible();
  await page.getByLabel("Title", { exact: true }).fill("Absurd day");
  await page.getByLabel("Seats", { exact: true }).fill("90000");
  await next.click();
  await expect(page.getByText("No more than 5,000 seats").first()).toBeVisible();
  await page.getByLabel("Seats", { exact: true }).fill("12");
  await next.click();
  await page.getByLabel("Day", { exact: true }).fill("9999/12/31");
  await page.getByLabel("Starts at").fill("17:00");
  await page.getByLabel("Ends at").fill("09:00");
  await next.click();
  await expect(page.getByText("Choose a date between 2000 and 2100").first()).toBeVisible();
  await page.getByLabel("Day", { exact: true }).fill("2030/02/12");
  await next.click();
  await expect(page.getByText("The end must be after the start").first()).toBeVisible();
  await expect(page.getByLabel("Starts at")).toHaveValue("17:00");
  await page.getByRole("button", { name: "Previous" }).click();
  await expect(page.getByLabel("Title", { exact: true })).toHaveValue("Absurd day");
  await expect(page.getByLabel("Seats", { exact: true })).toHaveValue("12");
});

test("no page is wider than a phone", async ({ newPerson, stack }) => {
  test.setTimeout(180_000);
  const { link } = await makeWorkshop(stack, { title: "Donaudampfschifffahrtsgesellschaftskapitänsmützen", seats: 9 });
  const context = await newPerson({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const wide: string[] = [];
  const look = async (path: string) => {
    await page.goto(path, { waitUntil: "load" });
    // The console's bar folds once its script runs, so a page gets a moment to settle.
    const fits = page.waitForFunction(
      () => (document.scrollingElement?.scrollWidth ?? 0) <= document.documentElement.clientWidth,
      undefined,
      { timeout: 5_000 },
    );
    await fits.catch(() => wide.push(path));
  };
  for (const path of [link, "/privacy", "/sign-in", "/i/nothing", "/confirm/nothing", "/enter/nothing", "/mailbox"])
    await look(path);
  const lucia = guest({ name: "W".repeat(120) });
  await register(page, link, lucia);
  await look(page.url());
  await look(linkIn(await waitForMail(stack, { to: lucia.email, subject: /^One step left/ }), "confirm"));
  await look(`/my/${await confirmByMail(page, stack, lucia.email)}`);
  await beMember(context, stack, "adm@iberia.example");
  for (const path of await consolePages(stack)) await look(path);
  expect(wide).toEqual([]);
});

/** The console's main screens, with a workshop in each state that has screens of its own. */
async function consolePages(stack: Stack): Promise<string[]> {
  const { rows } = await withDatabase(stack, (db) =>
    db.query<{ id: string; state: string }>(
      `select distinct on (w.state) w.id, w.state::text from "Workshop" w join "Team" t on t.id = w."teamId"
       where t.slug = 'iberia' and w.state in ('draft', 'registration', 'open', 'closed') order by w.state, w.id`,
    ),
  );
  const tabs = ["", "/registrations", "/invitations", "/sandboxes", "/mail", "/history"];
  const extra: Record<string, string[]> = { open: ["/live"], closed: ["/closing"], draft: ["/edit"] };
  const workshops = rows.flatMap(({ id, state }) =>
    (state === "draft" ? ["", "/edit"] : [...tabs, ...(extra[state] ?? [])]).map((tab) => `/workshops/${id}${tab}`),
  );
  const lists = ["/", "/workshops", "/workshops/new", "/customers", "/pool", "/cleanups", "/mail", "/me"];
  return [...lists, "/team/members", "/team/settings", ...workshops];
}
