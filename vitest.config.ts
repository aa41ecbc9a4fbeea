import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Unit and integration tests, on a real PostgreSQL and a real emulator. */
export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") } },
  test: {
    include: ["{server,app,components,prisma}/**/*.test.{ts,tsx}"],
    environment: "node",
    globalSetup: ["scripts/vitest-setup.mjs"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    passWithNoTests: true,
    // Settings of their own: nothing of the machine's AWS, a fixed key, a public address that links are built from.
    env: {
      ATELIER_MODE: "test",
      PUBLIC_URL: "http://127.0.0.1:3000",
      // Nobody listens there: a test takes its own database and its own emulator.
      DATABASE_URL: "postgresql://nobody@127.0.0.1:9/none",
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
      ATELIER_SECRET_KEY: "dGVzdHMgb25seTogbm90IGEgc2VjcmV0IGF0IGFsbCE=",
      AWS_REGION: "eu-west-1",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_CONFIG_FILE: "/dev/null",
      TZ: "UTC",
    },
  },
});
