import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, type Stack, test } from "./fixtures";
import { beMember, linkIn, mailsOf, makeWorkshop, withDatabase } from "./people";

/**
 * The public pages in the five languages, on a phone and on a desk, without JavaScript; and all screens as those need them
 * who use a keyboard or a screen reader, as far as axe can tell (WCAG 2.2 AA), and as wide as the smallest phone.
 */

const languages = [
  ["en", "en-GB"],
  ["es", "es-ES"],
  ["pt", "pt-PT"],
  ["it", "it-IT"],
  ["fr", "fr-FR"],
] as const;
const widths = { phone: { width: 390, height: 844 }, desk: { width: 1440, height: 900 } };

/** The link of the newest mail to an address that has one, waited for. */
async function linkMailed(stack: Stack, to: string, path: "confirm" | "enter"): Promise<string> {
  let link = "";
  await expect
    .poll(
      async () => {
        const mail = (await mailsOf(stack)).findLast((one) => one.to === to && one.text.includes(`/${path}/`));
        link = mail ? linkIn(mail, path) : "";
        return link;
      },
      { message: `a mail to ${to} with a link to /${path}/`, timeout: 30_000 },
    )
    .not.toBe("");
  return link;
}

/** Nothing lies beside the page. */
async function fits(page: Page): Promise<void> {
  const beside = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(beside, `${page.url()} is wider than its window`).toBeLessThanOrEqual(0);
}

for (const [language, locale] of languages) {
  for (const [device, viewport] of Object.entries(widths)) {
    test(`a customer registers in ${language} on a ${device} without JavaScript`, async ({
      stack,
      newPerson,
    }, info) => {
      const { link } = await makeWorkshop(stack, { title: `Serverless ${language} ${device}`, seats: 3 });
      const page = await (await newPerson({ locale, viewport, javaScriptEnabled: false })).newPage();
      const email = `${language}.${device}@languages.example`;
      const picture = async (name: string) => {
        await expect(page.locator("html")).toHaveAttribute("lang", new RegExp(`^${language}`));
        await page.screenshot({ path: info.outputPath(`${language}-${device}-${name}.png`), fullPage: true });
      };
      await page.goto(link);
      await picture("invitation");
      const form = page.locator("form", { has: page.locator("[name=email]") });
      await form.locator("[name=email]").fill("not an address");
      await form.locator("[name=company]").fill("Languages");
      await form.locator("button[type=submit]").click();
      await expect(form.locator("[aria-invalid=true]").first()).toBeVisible();
      await expect(form.locator("[name=company]")).toHaveValue("Languages");
      await picture("problems");
      await form.locator("[name=name]").fill("Zoë Muñoz");
      await form.locator("[name=email]").fill(email);
      await form.locator("button[type=submit]").click();
      await page.waitForURL(/\/check-mail\//);
      await picture("check-mail");
      await page.goto(await linkMailed(stack, email, "confirm"));
      await picture("confirm");
      await page.locator("main form button[type=submit]").first().click();
      await page.waitForURL(/\/my\/reg_/);
      await picture("my-workshop");
      await expect(page.locator("main")).toContainText("Serverless");
    });
  }
}

async function findingsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  const path = new URL(page.url()).pathname;
  return violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map((node) => `${path} ${id}: ${node.target.join(" ")}`),
  );
}

/** Ids of rows of the demo's own team, for the screens that need one. */
function idsOf(stack: Stack): Promise<Record<string, string>> {
  return withDatabase(stack, async (db) => {
    const team = `(select id from "Team" where slug = 'iberia')`;
    const { rows } = await db.query<Record<string, string>>(
      `select
        (select id from "Workshop" where state = 'registration' and "teamId" = ${team} order by id limit 1) as registration,
        (select id from "Workshop" where state = 'open' and "teamId" = ${team} order by id limit 1) as open,
        (select id from "Cleanup" where "teamId" = ${team} order by id limit 1) as cleanup,
        (select id from "Customer" where "teamId" = ${team} order by id limit 1) as customer,
        (select id from "SandboxAccount" where "teamId" = ${team} order by id limit 1) as account`,
    );
    return rows[0] ?? {};
  });
}

test("no public page has a finding of axe, light and dark, and none is wider than 320 pixels", async ({
  stack,
  newPerson,
}) => {
  test.setTimeout(180_000);
  const { link } = await makeWorkshop(stack, { title: "Axe", seats: 3 });
  const context = await newPerson({ viewport: { width: 320, height: 640 } });
  const page = await context.newPage();
  const email = "axe@languages.example";
  const findings: string[] = [];
  const look = async () => {
    await fits(page);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      findings.push(...(await findingsOf(page)));
    }
  };
  await page.goto(link);
  await look();
  await page.locator("form [name=name]").fill("Axe");
  await page.locator("form [name=email]").fill(email);
  await page.locator("form [name=company]").fill("Axe");
  await page
    .locator("form", { has: page.locator("[name=email]") })
    .locator("button[type=submit]")
    .click();
  await page.waitForURL(/\/check-mail\//);
  await look();
  await page.goto(await linkMailed(stack, email, "confirm"));
  await look();
  await page.locator("main form button[type=submit]").first().click();
  await page.waitForURL(/\/my\/reg_/);
  await look();
  for (const path of ["/privacy", "/sign-in"]) {
    await page.goto(`${stack.url}${path}`);
    await look();
  }
  expect(findings).toEqual([]);
});

test("no mail is wider than its window from 320 to 640 pixels, or hard to read, light and dark", async ({
  stack,
  newPerson,
}, info) => {
  test.setTimeout(180_000);
  const page = await (await newPerson({ javaScriptEnabled: true })).newPage();
  // The demo's own, and those of whoever registered before.
  await expect.poll(async () => (await mailsOf(stack)).length, { timeout: 60_000 }).toBeGreaterThan(3);
  // One of each shape: titles and times differ.
  const shapes = new Map(
    (await mailsOf(stack)).map((mail) => [mail.subject.replace(/“.*”|\d+|:.*$/g, ""), mail] as const),
  );
  const findings: string[] = [];
  for (const [at, { html, subject }] of [...shapes.values()].entries())
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setContent(html);
      for (const width of [320, 480, 640]) {
        await page.setViewportSize({ width, height: 640 });
        await fits(page);
      }
      const axe = new AxeBuilder({ page }).withRules(["color-contrast", "image-alt", "link-name", "html-has-lang"]);
      for (const { id, nodes } of (await axe.analyze()).violations)
        findings.push(`${subject} (${colorScheme}) ${id}: ${nodes[0]?.target.join(" ")}`);
      await page.screenshot({ path: info.outputPath(`mail-${at}-${colorScheme}.png`), fullPage: true });
    }
  expect(findings).toEqual([]);
});

test("no screen of the console has a finding of axe", async ({ stack, context, page }) => {
  test.setTimeout(300_000);
  await beMember(context, stack, "teo@iberia.example");
  const ids = await idsOf(stack);
  const tabs = ["", "/registrations", "/invitations", "/sandboxes", "/mail", "/history"];
  const paths = [
    ...[
      "/",
      "/workshops",
      "/workshops/new",
      "/customers",
      "/pool",
      "/pool/calendar",
      "/cleanups",
      "/mail",
      "/me",
      "/team",
    ],
    ...tabs.map((tab) => `/workshops/${ids.registration}${tab}`),
    ...[`/workshops/${ids.open}/check-in`, `/workshops/${ids.registration}/invite-list`],
    ...[`/workshops/${ids.open}/live`, `/workshops/${ids.registration}/edit`, `/cleanups/${ids.cleanup}`],
    ...[`/customers/${ids.customer}`, `/pool/${ids.account}`],
  ];
  const findings: string[] = [];
  for (const path of paths) {
    const answer = await page.goto(`${stack.url}${path}`);
    expect(answer?.status(), path).toBe(200);
    await page.waitForLoadState("networkidle");
    findings.push(...(await findingsOf(page)));
  }
  expect(findings).toEqual([]);
});
