import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { policiesOf, unitsUnder } from "@/server/aws/organizations";
import type { Context } from "@/server/context";
import {
  createProfile,
  deleteProfile,
  getProfile,
  listProfiles,
  reconcile,
  reserveLeases,
  updateProfile,
} from "@/server/sandboxes/sandboxes";
import { amountText, jsonMistake, moneyText, type ProfileTyped, profileForm } from "@/server/sandboxes/schemas";
import { makePool, openedWorkshop, startTestCloud, type TestCloud } from "@/server/sandboxes/test-pool";
import { unitsOf } from "@/server/sandboxes/units";
import { makeMember, makeTeam } from "@/server/testing/factories";
import { runJobs } from "@/server/testing/jobs";

const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
const typed = (over: Partial<ProfileTyped> = {}): ProfileTyped => ({
  ...{ name: "Data day", description: "Lakes", regions: ["eu-west-1"], services: "", credentialKind: "role" },
  ...{ budget: "", budgetCurrency: "USD", budgetFreeze: false, stackTemplate: "", stackParameters: [] },
  policy: JSON.stringify(policy),
  ...over,
});
const values = (over: Partial<ProfileTyped> = {}) => profileForm.parse(typed(over));

/** What the form says to a field; undefined where it takes it. */
function said(over: Partial<ProfileTyped>): Record<string, string> {
  const parsed = profileForm.safeParse(typed(over));
  return parsed.success ? {} : Object.fromEntries(parsed.error.issues.map((one) => [one.path.join("."), one.message]));
}

describe("the form", () => {
  it.each([
    ['{\n  "a": 1,\n}', 3, 1],
    ['{\n  "a": b\n}', 2, 8],
    ['{"a": 1 "b": 2}', 1, 9],
    ['{"a": 1', 1, 8],
    ["", 1, 1],
    ['{"a": "x\ny"}', 1, 7],
    ['["a",\r\n "b"] x', 2, 7],
    ["{'a': 1}", 1, 2],
    ['{"a": 01}', 1, 8],
    ['{"a" 1}', 1, 6],
  ])("finds the first mistake in %j at line %i, column %i", (text, line, column) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(jsonMistake(text)).toMatchObject({ line, column });
  });

  it("finds none in what is JSON", () => {
    for (const value of [policy, [], {}, 'x"\\\u2028é', -1.5e-7, [null, true, { a: [{}, [[]]] }]])
      for (const indent of [0, 2]) expect(jsonMistake(JSON.stringify(value, null, indent))).toBeNull();
  });

  it("says what keeps a text from being a policy of permissions", () => {
    const withStatement = (over: object) =>
      JSON.stringify({ ...policy, Statement: [{ ...policy.Statement[0], ...over }] });
    expect(said({ policy: JSON.stringify(policy, null, 2) })).toEqual({});
    expect(said({ policy: '{\n "Version": }' }).policy).toMatch(/^Line 2, column 13/);
    expect(said({ policy: "[]" }).policy).toContain("object");
    expect(said({ policy: JSON.stringify({ Statement: policy.Statement }) }).policy).toContain("2012-10-17");
    expect(said({ policy: withStatement({ Effect: "allow" }) }).policy).toContain("Statement 1");
    expect(said({ policy: withStatement({ Principal: "*" }) }).policy).toContain("Principal");
    expect(said({ policy: withStatement({ Action: undefined }) }).policy).toContain("NotAction");
    expect(said({ policy: withStatement({ Resource: [] }) }).policy).toContain("Resource");
  });

  it("takes a template up to CloudFormation's limit in bytes, in JSON or YAML", () => {
    const head = "Resources:\n  A: x\n#";
    expect(said({ stackTemplate: `${head}${"a".repeat(51_200 - head.length)}` })).toEqual({});
    expect(said({ stackTemplate: `${head}${"a".repeat(51_201 - head.length)}` }).stackTemplate).toContain(
      "51,201 bytes",
    );
    expect(said({ stackTemplate: `${head}${"é".repeat(25_600)}` }).stackTemplate).toContain("bytes");
    expect(said({ stackTemplate: "Outputs: {}" }).stackTemplate).toContain("Resources");
    expect(said({ stackTemplate: '{"Resources": {},}' }).stackTemplate).toMatch(/^Line 1/);
    const twice = [
      { name: "Size", value: "1" },
      { name: "Size", value: "2" },
    ];
    expect(said({ stackParameters: twice })).toEqual({ "stackParameters.1.name": "It is there already." });
  });

  it("keeps money in minor units, by the digits that the currency has", () => {
    const minor = (budget: string, budgetCurrency: ProfileTyped["budgetCurrency"] = "USD") =>
      values({ budget, budgetCurrency }).budgetMinor;
    expect([minor(""), minor("25"), minor("12.5"), minor("12,50"), minor("0.01")]).toEqual([null, 2500, 1250, 1250, 1]);
    expect(minor("2500", "JPY")).toBe(2500);
    for (const wrong of ["0", "-1", "1.234", "ten", "1e3", "99999999"])
      expect(said({ budget: wrong }).budget, wrong).toBeTruthy();
    expect(said({ budget: "25.5", budgetCurrency: "JPY" }).budget).toBeTruthy();
    expect([amountText(1250, "USD"), amountText(2500, "JPY"), moneyText(1250, "USD")]).toEqual([
      "12.50",
      "2500",
      "$12.50",
    ]);
  });
});

describe("profiles of a team", () => {
  let cloud: TestCloud;
  let pool: Awaited<ReturnType<typeof makePool>>;
  let admin: Context;
  let architect: Context;
  beforeAll(async () => {
    cloud = await startTestCloud({ accounts: 1 });
    pool = await makePool(cloud, 1);
    admin = cloud.as((await makeMember(cloud.db, pool.team.id, "admin")).actor);
    architect = cloud.as((await makeMember(cloud.db, pool.team.id, "solutions_architect")).actor);
  });
  afterAll(() => cloud.close());

  const team = () => cloud.db.team.findUniqueOrThrow({ where: { id: pool.team.id } });
  const guardRails = async (profileId: string) => {
    const unit = unitsOf(await team())!.profiles[profileId];
    return unit ? (await policiesOf(cloud.env, unit)).map(({ content }) => content) : null;
  };
  const follow = () => runJobs(cloud.system, ["sandboxes.apply-profile", "sandboxes.reconcile"]);

  test("an admin makes, changes and deletes them; an architect reads, an account manager and another team see none", async () => {
    const { profileId } = await createProfile(admin, values({ name: "Mine", budget: "25" }));
    expect(await getProfile(architect, { profileId })).toMatchObject({
      name: "Mine",
      budgetMinor: 2500,
      mayEdit: false,
    });
    await expect(createProfile(admin, values({ name: "mine" }))).rejects.toMatchObject({
      code: "conflict",
      detail: { fields: { name: expect.any(String) } },
    });
    const change = { profileId, ...values({ name: "Ours" }) };
    await expect(updateProfile(architect, change)).rejects.toMatchObject({ code: "not_found" });
    expect((await updateProfile(admin, change)).changed.sort()).toEqual(["budgetMinor", "name"]);
    expect(await updateProfile(admin, change)).toEqual({ changed: [] });
    const manager = cloud.as((await makeMember(cloud.db, pool.team.id, "account_manager")).actor);
    await expect(listProfiles(manager)).rejects.toMatchObject({ code: "not_found" });
    const other = cloud.as((await makeMember(cloud.db, (await makeTeam(cloud.db)).id, "admin")).actor);
    for (const attempt of [getProfile, deleteProfile])
      await expect(attempt(other, { profileId })).rejects.toMatchObject({ code: "not_found" });
    await expect(updateProfile(other, change)).rejects.toMatchObject({ code: "not_found" });
    expect(await listProfiles(other)).toEqual([]);
    await deleteProfile(admin, { profileId });
    const entries = await cloud.db.auditEntry.findMany({ where: { entityId: profileId }, orderBy: { at: "asc" } });
    expect(entries.map(({ action }) => action)).toEqual(["profile.created", "profile.changed", "profile.deleted"]);
  });

  test("what would not fit into AWS is refused at its field, with the limit", async () => {
    const long = JSON.stringify({
      ...policy,
      Statement: [{ Effect: "Allow", Action: ["x".repeat(3_000)], Resource: "*" }],
    });
    await expect(createProfile(admin, values({ policy: long, credentialKind: "iam_user" }))).rejects.toMatchObject({
      code: "invalid",
      detail: { fields: { policy: expect.stringContaining("2048") } },
    });
    const services = Array.from({ length: 300 }, (_, index) => `some-long-service-${index}`).join(",");
    await expect(createProfile(admin, values({ services }))).rejects.toMatchObject({
      detail: { fields: { services: expect.stringContaining("5120") } },
    });
  });

  test("guard rails in AWS follow the profile, and lending goes on; one that limits nothing more, or is deleted, leaves none", async () => {
    const { profileId } = await createProfile(admin, values({ name: "Followed", services: "s3" }));
    await follow();
    expect((await guardRails(profileId))?.join()).toContain('"s3:*"');
    await updateProfile(admin, { profileId, ...values({ name: "Followed", services: "lambda" }) });
    // Until AWS has the new ones, the sync takes the difference for somebody's doing, and nothing is lent.
    expect((await reconcile(cloud.system, { teamId: pool.team.id }))?.problem).toContain("were changed");
    await follow();
    expect((await guardRails(profileId))?.join()).toContain('"lambda:*"');
    expect((await team()).organizationProblem).toBe("");
    await cloud.db.sandboxProfile.update({ where: { id: profileId }, data: { regions: [] } });
    await updateProfile(admin, { profileId, ...values({ name: "Followed" }) });
    await cloud.db.sandboxProfile.update({ where: { id: profileId }, data: { regions: [], services: [] } });
    await follow();
    expect(await guardRails(profileId)).toEqual([]);
    const units = unitsOf(await team())!;
    const unit = units.profiles[profileId]!;
    await deleteProfile(admin, { profileId });
    await follow();
    expect(await guardRails(profileId)).toBeNull();
    expect((await unitsUnder(cloud.env, units.leased)).map(({ id }) => id)).not.toContain(unit);
    expect((await team()).organizationProblem).toBe("");
  });

  test("one that a workshop names stays, and says how many accounts are lent under it", async () => {
    const { workshop } = await openedWorkshop(cloud, pool, 1);
    await cloud.db.$transaction((tx) => reserveLeases(cloud.system, tx, { workshopId: workshop.id }));
    expect(await getProfile(admin, { profileId: pool.profile.id })).toMatchObject({ workshops: 1, liveLeases: 1 });
    await expect(deleteProfile(admin, { profileId: pool.profile.id })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("A workshop uses"),
    });
  });
});
