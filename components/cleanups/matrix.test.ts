import { expect, test } from "vitest";
import { type Check, matrixRegions, matrixRows } from "@/components/cleanups/matrix";

const check = (type: string, region: string, outcome: string, count = 0, pass = 1): Check => ({
  pass,
  service: type.split("/")[0]!,
  type,
  region,
  outcome,
  count,
  reason: outcome === "UNKNOWN" ? "AccessDenied" : null,
});

test("a failed list is seen on its service, whatever the other types answered", () => {
  const [ec2] = matrixRows(
    [
      check("ec2/instance", "eu-west-1", "found", 3),
      check("ec2/volume", "eu-west-1", "UNKNOWN"),
      check("ec2/vpc", "eu-west-1", "empty"),
    ],
    [],
    1,
  );
  expect(ec2?.cells["eu-west-1"]).toEqual({ word: "unknown", count: 0, title: "AccessDenied" });
});

test("a cell says removed only when all that was found in it is gone, and counts what is left until then", () => {
  const checks = [check("s3/bucket", "eu-west-1", "found", 2)];
  const gone = { type: "s3/bucket", region: "eu-west-1", pass: 1, outcome: "removed" };
  const after = (removals: (typeof gone)[]) => matrixRows(checks, removals, 1)[0]?.cells["eu-west-1"];
  expect(after([])).toMatchObject({ word: "found", count: 2 });
  expect(after([gone])).toMatchObject({ word: "found", count: 1 });
  expect(after([gone, gone])).toMatchObject({ word: "removed", count: 2 });
});

test("what happened to a type of one service is not put down to another's of the same name", () => {
  const rows = matrixRows(
    [check("ec2/instance", "eu-west-1", "found", 1), check("rds/instance", "eu-west-1", "found", 1)],
    [{ type: "ec2/instance", region: "eu-west-1", pass: 1, outcome: "removed" }],
    1,
  );
  expect(rows.map((row) => [row.key, row.cells["eu-west-1"]?.word])).toEqual([
    ["ec2", "removed"],
    ["rds", "found"],
  ]);
});

test("a pass under way shows what it has still to look at, and a global service stands in no region", () => {
  const checks = [
    check("sqs/queue", "eu-west-1", "empty"),
    check("sqs/queue", "us-east-1", "empty"),
    check("iam/role", "global", "empty"),
    check("sqs/queue", "eu-west-1", "empty", 0, 2),
  ];
  const [iam, sqs] = matrixRows(checks, [], 2);
  expect(sqs?.cells).toMatchObject({ "eu-west-1": { word: "empty" }, "us-east-1": { word: "waiting" } });
  expect(iam).toMatchObject({ isGlobal: true, cells: { global: { word: "waiting" } } });
  expect(matrixRegions(["eu-west-1"], checks)).toEqual(["eu-west-1", "us-east-1"]);
});
