import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseEnv, settings } from "@/server/env";

const production = {
  ATELIER_MODE: "production",
  DATABASE_URL: "postgresql://atelier_app@db.internal/atelier",
  PUBLIC_URL: "https://atelier.example",
  ATELIER_SECRET_KEY: Buffer.alloc(32, 1).toString("base64"),
  AWS_REGION: "eu-west-1",
  ATELIER_BASE_PRINCIPAL_ARN: "arn:aws:iam::111122223333:role/atelier",
  COGNITO_MEMBER_POOL_ID: "eu-west-1_Members",
  COGNITO_MEMBER_CLIENT_ID: "members",
};
const demo = {
  ...production,
  ATELIER_MODE: "demo",
  PUBLIC_URL: "http://127.0.0.1:3000",
  AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
  AWS_SIGNIN_URL: "http://127.0.0.1:4600/federation",
};

/** The settings table of docs/operate.md: setting → what it says. */
const table = new Map(
  [...readFileSync(new URL("../docs/operate.md", import.meta.url), "utf8").matchAll(/^\| `([A-Z_]+)` \|(.*)\|$/gm)].map(
    ([, name = "", cells = ""]) => {
      const [needed = "", byDefault = "", meaning = ""] = cells
        .split("|")
        .map((cell) => cell.trim().replaceAll("`", ""));
      return [name, { needed, byDefault, meaning }];
    },
  ),
);

describe("the table for operators", () => {
  test("lists every setting and no other, in the order of the code", () => {
    expect([...table.keys()]).toEqual(Object.keys(settings.shape));
  });

  test.each(Object.entries(settings.shape))(
    "says about %s whether it is needed, its default, and what it is",
    (name, schema) => {
      const row = table.get(name);
      const left = schema.safeParse(undefined);
      expect(row?.byDefault).toBe(left.success && left.data !== undefined ? String(left.data) : "");
      const { [name]: _without, ...others } = production as Record<string, string | undefined>;
      const inProduction = name in production;
      if (inProduction) expect(() => parseEnv(others)).toThrow(`${name}: is missing`);
      expect(row?.needed).toBe(left.success ? (inProduction ? "production" : "no") : "yes");
      expect(row?.meaning).toMatch(/\S{3}/);
    },
  );
});

test("production starts with what the table says is needed", () => {
  expect(parseEnv(production).ATELIER_MODE).toBe("production");
});

test.each([
  ["AWS_ENDPOINT_URL", "http://127.0.0.1:4566"],
  ["ATELIER_MAILBOX_DIR", "/var/mail"],
  ["AWS_SIGNIN_URL", "http://127.0.0.1:4600/federation"],
  ["AWS_SIGNIN_URL", "https://signin.example/federation"],
  ["AWS_SIGNIN_URL", "https://signin.aws.amazon.com.example/federation"],
  ["AWS_CONSOLE_URL", "https://console.example/"],
  ["AWS_ENDPOINT_URL_STS", "https://sts.example"],
  ["PUBLIC_URL", "http://atelier.example"],
  ["ATELIER_SECRET_KEY", "c2hvcnQ="],
  ["COGNITO_CUSTOMER_POOL_ID", "eu-west-1_Customers"],
])("production refuses %s=%s and names it", (name, value) => {
  expect(() => parseEnv({ ...production, [name]: value })).toThrow(name);
});

test.each([
  "https://signin.aws.amazon.com/federation",
  "https://eu-west-1.signin.aws.amazon.com/federation",
  "https://signin.amazonaws.cn/federation",
])("production takes AWS's own sign-in page %s", (AWS_SIGNIN_URL) => {
  expect(parseEnv({ ...production, AWS_SIGNIN_URL }).AWS_SIGNIN_URL).toBe(AWS_SIGNIN_URL);
});

test.each([
  ["AWS_ENDPOINT_URL", "https://sts.eu-west-1.amazonaws.com"],
  ["AWS_ENDPOINT_URL", "http://127.0.0.1.evil.example"],
  ["AWS_ENDPOINT_URL", "http://127.0.0.1:4566@evil.example"],
  ["AWS_ENDPOINT_URL", undefined],
  ["AWS_SIGNIN_URL", undefined],
  ["PUBLIC_URL", "https://atelier.example"],
])("the demo refuses %s=%s: it never leaves this machine", (name, value) => {
  expect(() => parseEnv({ ...demo, [name]: value })).toThrow(name);
});

test("everything that is missing is named at once", () => {
  expect(() => parseEnv({})).toThrow(
    /ATELIER_MODE: is missing[\s\S]*DATABASE_URL: is missing[\s\S]*PUBLIC_URL: is missing[\s\S]*AWS_REGION: is missing/,
  );
});

test("what is missing does not hide what production refuses", () => {
  const refused = {
    ATELIER_MODE: "production",
    AWS_ENDPOINT_URL: "http://127.0.0.1:1",
    PUBLIC_URL: "http://atelier.example",
  };
  expect(() => parseEnv(refused)).toThrow(
    /DATABASE_URL: is missing[\s\S]*AWS_ENDPOINT_URL: an emulator[\s\S]*PUBLIC_URL: must be https/,
  );
});
