import { readFileSync } from "node:fs";
import { chromium } from "@playwright/test";
import { confirmByMail, makeWorkshop, register } from "@/e2e/people";
import { findBrowser } from "@/scripts/browser.mjs";
import setUp from "@/scripts/e2e-setup.mjs";

/**
 * What Lighthouse says of the public pages as on a phone (its own simulated slow 4G and CPU), on the production build. It is
 * no dependency of the project: `npm install --no-save lighthouse` before.
 */

const categories = ["performance", "accessibility", "best-practices", "seo"] as const;

type Audit = { id: string; title: string; score: number | null; numericValue?: number };
type Report = {
  categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>;
  audits: Record<
    string,
    Audit & { details?: { items?: { resourceType?: string; transferSize?: number; issueType?: string }[] } }
  >;
};
type Lighthouse = (url: string, flags: Record<string, unknown>) => Promise<{ lhr: Report } | undefined>;

async function loadLighthouse(): Promise<Lighthouse> {
  const name = "lighthouse";
  try {
    return ((await import(name)) as { default: Lighthouse }).default;
  } catch {
    throw new Error("Lighthouse is not there: npm install --no-save lighthouse");
  }
}

/** Points missing, each with what takes it. */
function missing({ categories: found, audits }: Report): string[] {
  return categories.flatMap((name) =>
    (found[name]?.auditRefs ?? []).flatMap(({ id, weight }) => {
      const audit = audits[id];
      if (!audit || weight === 0 || audit.score === null || audit.score >= 0.9) return [];
      const kinds = (audit.details?.items ?? []).flatMap(({ issueType }) => issueType ?? []);
      return [`${name}: ${[audit.title, ...kinds].join(" · ")}`];
    }),
  );
}

async function main(): Promise<void> {
  const lighthouse = await loadLighthouse();
  const stop = await setUp();
  const stack = JSON.parse(readFileSync(process.env.ATELIER_E2E_STACK ?? "", "utf8"));
  const port = 9_333;
  const launched = await findBrowser();
  const browser = await chromium.launch({ ...launched, args: [...launched.args, `--remote-debugging-port=${port}`] });
  try {
    const { link } = await makeWorkshop(stack, { title: "Serverless day", seats: 20 });
    const page = await browser.newPage();
    const email = "lighthouse@bench.example";
    await register(page, link, { name: "Lis House", email, company: "Bench" });
    const checkMail = page.url();
    const registrationId = await confirmByMail(page, stack, email);
    const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    const pages = {
      invitation: link,
      "check your mail": checkMail,
      "my workshop": `${stack.url}/my/${registrationId}`,
      privacy: `${stack.url}/privacy`,
    };
    const rows: Record<string, Record<string, number>> = {};
    const reasons = new Set<string>();
    for (const [name, url] of Object.entries(pages)) {
      const answer = await lighthouse(url, {
        port,
        output: "json",
        logLevel: "error",
        onlyCategories: [...categories],
        formFactor: "mobile",
        disableStorageReset: true,
        extraHeaders: { Cookie: cookies },
      });
      if (!answer) throw new Error(`Lighthouse gave no report of ${name}`);
      const { lhr } = answer;
      const scripts = lhr.audits["network-requests"]?.details?.items ?? [];
      const sent = scripts.filter(({ resourceType }) => resourceType === "Script");
      rows[name] = {
        ...Object.fromEntries(categories.map((one) => [one, Math.round((lhr.categories[one]?.score ?? 0) * 100)])),
        "first content (ms)": Math.round(lhr.audits["first-contentful-paint"]?.numericValue ?? 0),
        "JavaScript (KB, as sent)": Math.round(
          sent.reduce((sum, { transferSize = 0 }) => sum + transferSize, 0) / 1024,
        ),
      };
      for (const reason of missing(lhr)) reasons.add(`${name}: ${reason}`);
    }
    console.table(rows);
    for (const reason of reasons) console.log(reason);
    console.log(JSON.stringify(rows));
  } finally {
    await browser.close();
    await stop();
  }
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
