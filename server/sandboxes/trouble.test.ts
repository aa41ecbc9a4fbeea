import { expect, test } from "vitest";
import { adviceFor, type Leftover } from "@/server/sandboxes/trouble";

const left = (reason: string): Leftover => ({
  ...{ service: "s3", region: "eu-west-1", count: 1, unknown: 0, examples: ["bucket notes"], reasons: [reason] },
});
const trouble = {
  ...{ awsAccountId: "111122223333", problem: null, lastCleanedAt: null, tries: 1, leftovers: [] },
  quarantineReason: "3 found, the same 3 as before. Look at its last cleanup for what is left and why.",
};
const acts = (advice: ReturnType<typeof adviceFor>) => advice.steps.flatMap(({ act }) => act ?? []);

test("what the sync found wrong comes first: comparing with AWS stands before cleaning again", () => {
  const advice = adviceFor({
    ...trouble,
    problem: "It is no longer in the team's organizational unit. Move it back.",
    leftovers: [left("AccessDenied: not authorized")],
  });
  expect(advice.steps[0]!.text).toContain("move 111122223333 back");
  expect(acts(advice)).toEqual(["check", "clean", "retire"]);
});

test.each([
  ["AccessDenied: User is not authorized with an explicit deny in a service control policy", /SCP/, null],
  ["AccessDenied: Access Denied", /policy of the bucket/, /root session/],
  ["AccessDenied: object protected by Object Lock in COMPLIANCE mode", /retention date/, /Nobody can delete/],
  ["DependencyViolation: network interface eni-1 is in use", /still uses/, /AWS support/],
  ["ThrottlingException: Rate exceeded", /slow down/, null],
  ["InvalidParameter: nobody has seen this before", /by hand/, null],
] as const)("left behind by %j, the first step names what helps", (reason, first, support) => {
  const advice = adviceFor({ ...trouble, leftovers: [left(reason)] });
  expect(advice.steps[0]!.text).toMatch(first);
  if (support) expect(advice.support).toMatch(support);
  else expect(advice.support).toBeNull();
});

test("after three tries nobody is told only to try again: there is a way out and a case for AWS support", () => {
  const advice = adviceFor({ ...trouble, tries: 3, leftovers: [left("InvalidParameter: unheard of")] });
  expect(acts(advice).at(-1)).toBe("retire");
  expect(advice.support).toContain("AWS support");
});

test("a last holder whose access was not proved gone is the first thing to do", () => {
  const quarantineReason =
    '"Prove that access is gone" failed: x. That access to it is gone was not proved. Set aside by hand: y.';
  expect(adviceFor({ ...trouble, quarantineReason }).steps[0]!.text).toContain("AtelierLease-");
});
