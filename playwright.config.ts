import { defineConfig } from "@playwright/test";
import { findBrowser } from "./scripts/browser.mjs";

/** Journeys in a real browser, against the production build with a database, an emulator, a mailbox and a worker of its own. */
export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  globalSetup: "./scripts/e2e-setup.mjs",
  outputDir: "test-results",
  fullyParallel: false,
  workers: 1,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: process.env.ATELIER_TEST_REPORT
    ? [["list"], ["json", { outputFile: process.env.ATELIER_TEST_REPORT }]]
    : [["list"]],
  use: {
    browserName: "chromium",
    launchOptions: await findBrowser(),
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    locale: "en-GB",
    timezoneId: "Europe/Madrid",
    // Without snapshots: their script would be run in the sandboxed preview of a mail too, whose refusal is an error there.
    trace: { mode: "retain-on-failure", snapshots: false },
    screenshot: "only-on-failure",
  },
});
