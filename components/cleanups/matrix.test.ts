import { expect, test } from "vitest";
import { categoryOf } from "@/components/cleanups/categories";
import {
  type Check,
  foldRows,
  groupRows,
  isWaiting,
  matrixRegions,
  matrixRows,
  packChecks,
  quietRow,
  tally,
  unpackChecks,
} from "@/components/cleanups/matrix";
import { loadServices } from "@/server/cleaner/services/index.generated";

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

/** 65 services of two types in 17 regions, all empty but one cell that is found and one that is unknown. */
function wideRun() {
  const regions = Array.from({ length: 17 }, (_, index) => `region-${index + 1}`);
  const services = Array.from({ length: 65 }, (_, index) =>
    index === 0 ? "ec2" : index === 1 ? "sqs" : `service-${index}`,
  );
  const checks = services.flatMap((service) =>
    regions.flatMap((region) => [check(`${service}/one`, region, "empty"), check(`${service}/two`, region, "empty")]),
  );
  checks[0] = check("ec2/one", "region-1", "found", 2);
  checks[35] = check("sqs/two", "region-1", "UNKNOWN");
  return { regions, checks };
}

test("what stands in a wide run comes first, the unknown at the top, and all the rest is one line", () => {
  const { regions, checks } = wideRun();
  const rows = matrixRows(checks, [], 1, regions);
  const { noteworthy, quiet } = foldRows(rows);
  expect(noteworthy.map(({ key }) => key)).toEqual(["sqs", "ec2"]);
  expect(foldRows(noteworthy[0]?.types ?? [])).toMatchObject({
    noteworthy: [{ key: "sqs/two" }],
    quiet: [{ key: "sqs/one" }],
  });
  expect(quiet.length).toBe(63);
  expect(new Set(Object.values(quietRow("services", quiet).cells).map(({ word }) => word))).toEqual(new Set(["empty"]));
  expect(groupRows(quiet).map(({ name, services }) => [name, services.length])).toEqual([["Other", 63]]);
  expect(tally(rows)).toEqual({ unknown: 1, found: 1, removed: 0, empty: 2208, unavailable: 0, waiting: 0 });
});

test("the line of the quiet ones says how many wait in each region, and no service that is not offered hides one that is", () => {
  const rows = matrixRows(
    [check("sqs/queue", "eu-west-1", "empty"), check("macie/session", "eu-west-1", "unavailable")],
    [],
    1,
    ["eu-west-1", "us-east-1"],
  );
  expect(isWaiting(rows)).toBe(true);
  expect(quietRow("services", rows).cells).toMatchObject({
    "eu-west-1": { word: "empty", count: 0, title: "nothing there; 1 not offered here" },
    "us-east-1": { word: "waiting", count: 2 },
  });
});

test("a first pass under way shows the regions that a type has still to be looked at in", () => {
  const rows = matrixRows([check("sqs/queue", "eu-west-1", "empty"), check("iam/role", "global", "empty")], [], 1, [
    "eu-west-1",
    "us-east-1",
  ]);
  expect(rows.map((row) => Object.values(row.cells).map(({ word }) => word))).toEqual([
    ["empty"],
    ["empty", "waiting"],
  ]);
});

test("what is sent of a wide run is small and loses nothing", () => {
  const { checks } = wideRun();
  const packed = packChecks(checks);
  expect(packed.length).toBe(132);
  const key = ({ type, region }: Check) => `${type} ${region}`;
  const sorted = (all: readonly Check[]) => [...all].sort((a, b) => key(a).localeCompare(key(b)));
  expect(sorted(unpackChecks(packed))).toEqual(sorted(checks));
});

test("every service of the cleaner has a category", async () => {
  const services = await loadServices();
  expect(services.map(({ id }) => id).filter((id) => categoryOf(id) === "Other")).toEqual([]);
});
