import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type BrowserContext, type BrowserContextOptions, test as base, expect } from "@playwright/test";

/**
 * What every journey starts from. `import { expect, test } from "./fixtures"`:
 *
 * - `page` starts at the stack's address; `stack` says where its database, mailbox and emulator are.
 * - Anything written to the browser's console as an error, and any exception in a page, fails the test. A journey that visits
 *   pages that answer with an error says so: `test.use({ allowedErrors: [/404/] })`.
 * - `newPerson()` is another human: a browser context of their own, watched in the same way.
 */

export type Stack = {
  readonly url: string;
  /** The folder that the mails are written to. */
  readonly mailbox: string;
  readonly folder: string;
  readonly database: { readonly url: string; readonly ownerUrl: string };
  readonly aws: {
    readonly endpoint: string;
    readonly managementAccountId: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly basePrincipalArn: string;
    readonly accounts: readonly { readonly id: string; readonly name: string; readonly email: string }[];
  };
};

type Fixtures = {
  stack: Stack;
  allowedErrors: RegExp[];
  newPerson: (options?: BrowserContextOptions) => Promise<BrowserContext>;
};

function readStack(): Stack {
  const file = process.env.ATELIER_E2E_STACK;
  if (!file) throw new Error("The stack of the journeys does not run: start them with Playwright's own command.");
  return JSON.parse(readFileSync(file, "utf8")) as Stack;
}

/** The id of one of the stack's processes ("worker", "web"), which changes when it is started again. */
export function processOf(stack: Stack, name: "worker" | "web" | "console" | "emulator"): number {
  const { list } = JSON.parse(readFileSync(join(stack.folder, "processes.json"), "utf8")) as {
    list: { name: string; pid: number }[];
  };
  const found = list.find((entry) => entry.name === name);
  if (!found) throw new Error(`The stack has no process "${name}".`);
  return found.pid;
}

/** Collects what the pages of this context complain about. */
function watch(context: BrowserContext, problems: string[]): void {
  context.on("weberror", (error) => problems.push(`exception: ${error.error().message}`));
  context.on("console", (message) => {
    if (message.type() === "error") problems.push(`${message.location().url}: ${message.text()}`);
  });
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads off this pattern which fixtures are needed: none.
  stack: async ({}, use) => use(readStack()),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads off this pattern which fixtures are needed: none.
  baseURL: async ({}, use) => use(readStack().url),
  allowedErrors: [[], { option: true }],
  context: async ({ context, allowedErrors }, use) => {
    const problems: string[] = [];
    watch(context, problems);
    await use(context);
    expect(problems.filter((problem) => !allowedErrors.some((allowed) => allowed.test(problem)))).toEqual([]);
  },
  newPerson: async ({ browser, baseURL, allowedErrors }, use) => {
    const problems: string[] = [];
    const contexts: BrowserContext[] = [];
    await use(async (options) => {
      const context = await browser.newContext({ baseURL, locale: "en-GB", timezoneId: "Europe/Madrid", ...options });
      watch(context, problems);
      contexts.push(context);
      return context;
    });
    for (const context of contexts) await context.close();
    expect(problems.filter((problem) => !allowedErrors.some((allowed) => allowed.test(problem)))).toEqual([]);
  },
});

export { expect };
