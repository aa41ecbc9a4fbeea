import * as sdk from "@aws-sdk/client-iot";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble, type Shape, type Store } from "@/server/testing/double";

const missing = "ResourceNotFoundException";
const byToken = ["nextToken", "nextToken"] as const;
const byMarker = ["marker", "nextMarker"] as const;

type Place = { region: string; accountId: string };
const certificate = (n: number, { region, accountId }: Place) => `arn:aws:iot:${region}:${accountId}:cert/c${n}`;

const conflict = () => new DoubleError("DeleteConflictException", 409, "It is attached to something");
const invalid = (message: string) => new DoubleError("InvalidRequestException", 400, message);
const whenTrue = (wrong: boolean, error: DoubleError) => (wrong ? error : undefined);

function kind(
  key: string,
  [list, items, token]: readonly [string, string, typeof byToken | typeof byMarker],
  remove: Partial<DoubleKind["remove"]> & { operation: string },
  make: (n: number, place: Place) => Shape = () => ({}),
): DoubleKind {
  return {
    key,
    list: { operation: list, items, token, as: (item) => (items === "roleAliases" ? item[key] : item) },
    remove: { key, missing, ...remove },
    make: (n, place) => ({ [key]: `lab-${n}`, ...make(n, place) }),
  };
}

function change(store: Store, kind: string, key: unknown, members: (item: Shape) => Shape): Shape {
  const item = store.get(kind, String(key));
  if (!item) throw new DoubleError(missing, 404, "does not exist");
  const changed = { ...item, ...members(item) };
  store.put(kind, String(key), changed);
  return changed;
}
const read = (store: Store, kind: string, key: unknown) => change(store, kind, key, () => ({}));
const list = (value: unknown) => value as string[];
const without = (value: unknown, one: unknown) => list(value).filter((other) => other !== one);

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.IoTClient,
    kinds: {
      "topic-rule": kind("ruleName", ["ListTopicRules", "rules", byToken], { operation: "DeleteTopicRule" }),
      "topic-rule-destination": kind(
        "arn",
        ["ListTopicRuleDestinations", "destinationSummaries", byToken],
        { operation: "DeleteTopicRuleDestination", leaves: { status: "DELETING" } },
        (n, { region, accountId }) => ({ arn: `arn:aws:iot:${region}:${accountId}:ruledestination/vpc/${n}` }),
      ),
      job: kind("jobId", ["ListJobs", "jobs", byToken], {
        operation: "DeleteJob",
        leaves: { status: "DELETION_IN_PROGRESS" },
      }),
      thing: kind(
        "thingName",
        ["ListThings", "things", byToken],
        {
          operation: "DeleteThing",
          refuses: ({ principals }) => whenTrue(list(principals).length > 0, invalid("It is still attached")),
        },
        (n, place) => ({ principals: [certificate(n, place)] }),
      ),
      "thing-group": kind(
        "groupName",
        ["ListThingGroups", "thingGroups", byToken],
        {
          operation: "DeleteThingGroup",
          key: "thingGroupName",
          refuses: ({ groupName }, store) =>
            whenTrue(
              store.all("thing-group").some(({ parent }) => parent === groupName),
              invalid("there are still child groups attached to it"),
            ),
        },
        (n) => ({ parent: n > 0 ? `lab-${n - 1}` : undefined, queryString: n === 2 ? "shadow.a:1" : undefined }),
      ),
      "thing-type": kind(
        "thingTypeName",
        ["ListThingTypes", "thingTypes", byToken],
        {
          operation: "DeleteThingType",
          refuses: ({ thingTypeMetadata }, store) =>
            whenTrue(
              !(thingTypeMetadata as Shape).deprecated || store.all("thing").length > 0,
              invalid("It is not deprecated"),
            ),
        },
        () => ({ thingTypeMetadata: { deprecated: false } }),
      ),
      certificate: kind(
        "certificateId",
        ["ListCertificates", "certificates", byMarker],
        {
          operation: "DeleteCertificate",
          refuses: ({ status, certificateArn }, store) =>
            whenTrue(status === "ACTIVE", new DoubleError("CertificateStateException", 406)) ??
            whenTrue(
              store.all("policy").some(({ targets }) => list(targets).includes(String(certificateArn))),
              conflict(),
            ),
        },
        (n, place) => ({ certificateId: `c${n}`, certificateArn: certificate(n, place), status: "ACTIVE" }),
      ),
      "ca-certificate": kind(
        "certificateId",
        ["ListCACertificates", "certificates", byMarker],
        {
          operation: "DeleteCACertificate",
          refuses: ({ status }) => whenTrue(status === "ACTIVE", new DoubleError("CertificateStateException", 406)),
        },
        () => ({ status: "ACTIVE" }),
      ),
      policy: kind(
        "policyName",
        ["ListPolicies", "policies", byMarker],
        {
          operation: "DeletePolicy",
          refuses: ({ targets, versions }) =>
            whenTrue(list(targets).length > 0 || list(versions).length > 1, conflict()),
        },
        (n, place) => ({ targets: [certificate(n, place), "lab-group"], versions: ["2", "1"] }),
      ),
      "role-alias": kind("roleAlias", ["ListRoleAliases", "roleAliases", byMarker], { operation: "DeleteRoleAlias" }),
      "provisioning-template": kind("templateName", ["ListProvisioningTemplates", "templates", byToken], {
        operation: "DeleteProvisioningTemplate",
      }),
      "domain-configuration": kind(
        "domainConfigurationName",
        ["ListDomainConfigurations", "domainConfigurations", byMarker],
        {
          operation: "DeleteDomainConfiguration",
          refuses: ({ status }) => whenTrue(status !== "DISABLED", invalid("It is enabled")),
        },
      ),
      authorizer: kind("authorizerName", ["ListAuthorizers", "authorizers", byMarker], {
        operation: "DeleteAuthorizer",
        refuses: ({ status }, store) => whenTrue(status !== "INACTIVE" || !store.get("default", "none"), conflict()),
      }),
    },
    answers: {
      ListThingPrincipals: (store, { thingName }) => ({ principals: read(store, "thing", thingName).principals }),
      DetachThingPrincipal: (store, { thingName, principal }) =>
        void change(store, "thing", thingName, ({ principals }) => ({ principals: without(principals, principal) })),
      ListPrincipalThings: (store, { principal }) => ({
        things: store
          .all("thing")
          .flatMap((one) => (list(one.principals).includes(String(principal)) ? one.thingName : [])),
      }),
      DescribeThingGroup: (store, { thingGroupName }) => read(store, "thing-group", thingGroupName),
      DeleteDynamicThingGroup: (store, { thingGroupName }) => void store.remove("thing-group", String(thingGroupName)),
      DeprecateThingType: (store, { thingTypeName }) =>
        void change(store, "thing-type", thingTypeName, () => ({ thingTypeMetadata: { deprecated: true } })),
      UpdateCertificate: (store, { certificateId, newStatus }) =>
        void change(store, "certificate", certificateId, () => ({ status: newStatus })),
      UpdateCACertificate: (store, { certificateId, newStatus }) =>
        void change(store, "ca-certificate", certificateId, () => ({ status: newStatus })),
      ListAttachedPolicies: (store, { target }) => ({
        policies: store.all("policy").filter(({ targets }) => list(targets).includes(String(target))),
      }),
      ListTargetsForPolicy: (store, { policyName }) => ({ targets: read(store, "policy", policyName).targets }),
      DetachPolicy: (store, { policyName, target }) =>
        void change(store, "policy", policyName, ({ targets }) => ({ targets: without(targets, target) })),
      ListPolicyVersions: (store, { policyName }) => ({
        policyVersions: list(read(store, "policy", policyName).versions).map((versionId) => ({
          versionId,
          isDefaultVersion: versionId === "2",
        })),
      }),
      DeletePolicyVersion: (store, { policyName, policyVersionId }) =>
        void change(store, "policy", policyName, ({ versions }) => ({ versions: without(versions, policyVersionId) })),
      UpdateDomainConfiguration: (store, { domainConfigurationName, domainConfigurationStatus: status }) =>
        void change(store, "domain-configuration", domainConfigurationName, () => ({ status })),
      UpdateAuthorizer: (store, { authorizerName, status }) =>
        void change(store, "authorizer", authorizerName, () => ({ status })),
      ClearDefaultAuthorizer: (store) => store.put("default", "none", {}),
    },
  }),
};
