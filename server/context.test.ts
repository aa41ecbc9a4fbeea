import pino from "pino";
import { expect, test } from "vitest";
import { logOptions } from "@/server/context";
import { createDb } from "@/server/db";
import { DomainError } from "@/server/errors";

/** What one error becomes in the log. */
function logged(error: unknown): string {
  const lines: string[] = [];
  pino(logOptions, { write: (line) => void lines.push(line) }).error({ err: error }, "failed");
  return lines.join("");
}

test("an error of the database that quotes what somebody typed is logged by kind and place, without a word of it", async () => {
  const { db, close } = createDb("postgresql://nobody@127.0.0.1:9/none");
  const typed = { name: "Zoraida Canary", email: "zoraida@canary.example", unknown: true };
  const error: Error = await db.person.create({ data: typed as never }).then(
    () => new Error("it was written"),
    (thrown: Error) => thrown,
  );
  await close();
  expect(error.message).toContain("Zoraida");
  const line = logged(new Error("registering failed", { cause: error }));
  expect(line).not.toMatch(/zoraida|canary\.example/i);
  expect(JSON.parse(line).err).toMatchObject({
    message: "registering failed",
    cause: { type: "PrismaClientValidationError", trace: expect.arrayContaining([expect.stringContaining("at ")]) },
  });
});

test("our own words stay in the log, without the addresses in them", () => {
  const line = logged(new DomainError("gone", "Ask Ana Ruiz: ana@iberia.example."));
  expect(JSON.parse(line).err.message).toBe("Ask Ana Ruiz: (address)");
});
