import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle } from "@/scripts/bundle.mjs";
import { createDb } from "@/server/db";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";

let database: TestDatabase;
let program: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const outfile = fileURLToPath(new URL(`../../.atelier/test-admin-${process.pid}.mjs`, import.meta.url));
  program = await bundle("server/teams/cli.ts", outfile);
});
afterAll(async () => {
  await rm(program, { force: true });
  await rm(`${program}.map`, { force: true });
  await database.drop();
});

type Env = Record<string, string | undefined>;

function admin(args: string[], over: Env = {}) {
  const env: Env = {
    PATH: process.env.PATH,
    ATELIER_MODE: "test",
    DATABASE_URL: database.url,
    PUBLIC_URL: "http://127.0.0.1:3000",
    ATELIER_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
    AWS_REGION: "eu-west-1",
    ATELIER_CLOUD_OFF: "this test needs no cloud",
    LOG_LEVEL: "silent",
    ...over,
  };
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [program, ...args], { env: env as NodeJS.ProcessEnv }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

const iberia = [
  ...["team", "create", "--name", "Iberia", "--slug", "iberia", "--time-zone", "Europe/Madrid"],
  ...["--sender", "workshops@iberia.example", "--admin-email", "adm@iberia.example", "--admin-name", "Adela Marín"],
];

test("a team is made from the command line, and a second time nothing changes", async () => {
  expect(await admin(iberia)).toMatchObject({ code: 0, err: "", out: expect.stringContaining("is made") });
  expect(await admin(iberia)).toMatchObject({
    code: 0,
    err: "",
    out: expect.stringContaining("nothing in it was changed"),
  });
  expect((await admin(["team", "list"])).out).toMatch(/^iberia\tIberia\ttem_/);
  const { db, close } = createDb(database.url);
  expect(await db.member.count()).toBe(1);
  await close();
});

test("help is there without any settings", async () => {
  const { code, out } = await admin(["--help"], { ATELIER_MODE: undefined, DATABASE_URL: undefined });
  expect(code).toBe(0);
  expect(out).toContain("organization set-up");
});

test.each([
  [["team", "destroy"], 2, 'There is no command "team destroy".'],
  [
    ["team", "create", "--slug", "x"],
    2,
    "team create needs --name, --time-zone, --sender, --admin-email, --admin-name.",
  ],
  [["team", "list", "--count", "3"], 2, "team list has no option --count."],
  [["team", "list", "--wat"], 2, "Unknown option '--wat'"],
  [iberia.map((word) => (word === "Europe/Madrid" ? "Europe/Atlantis" : word)), 1, "  --time-zone: Choose a time zone"],
  [["organization", "set-up", "--team", "nobody"], 1, 'There is no such team with the slug "nobody"'],
  [["organization", "set-up", "--team", "iberia"], 1, "Sandboxes are off: this test needs no cloud."],
])("%j ends with code %i and says why", async (args, code, text) => {
  const ended = await admin(args);
  expect(ended.err).toContain(text);
  expect(ended).toMatchObject({ code, out: "" });
});

test("a setting that is missing is named", async () => {
  const ended = await admin(["team", "list"], { PUBLIC_URL: undefined });
  expect(ended).toMatchObject({ code: 1, err: expect.stringContaining("PUBLIC_URL: is missing") });
});
