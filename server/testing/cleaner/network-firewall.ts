import * as sdk from "@aws-sdk/client-network-firewall";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble, type Shape, type Store } from "@/server/testing/double";

const token = ["NextToken", "NextToken"] as const;
const missing = "ResourceNotFoundException";

function kind(list: string, items: string, remove: string, arn: string, path: string): DoubleKind {
  return {
    key: "Arn",
    list: { operation: list, items, token },
    remove: { operation: remove, key: arn, missing, missingStatus: 400, leaves: { status: "DELETING" } },
    make: (n, { region, accountId }) => ({
      Arn: `arn:aws:network-firewall:${region}:${accountId}:${path}/lab-${n}`,
      Name: `lab-${n}`,
    }),
  };
}

function firewallOf(store: Store, { FirewallArn }: Shape): Shape {
  const firewall = store.get("firewall", String(FirewallArn));
  if (!firewall) throw new DoubleError(missing, 400, "does not exist");
  return firewall;
}

const protections = ["DeleteProtection", "SubnetChangeProtection", "FirewallPolicyChangeProtection"];

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.NetworkFirewallClient,
    kinds: {
      "endpoint-association": {
        ...kind(
          "ListVpcEndpointAssociations",
          "VpcEndpointAssociations",
          "DeleteVpcEndpointAssociation",
          "VpcEndpointAssociationArn",
          "vpc-endpoint-association",
        ),
        key: "VpcEndpointAssociationArn",
        make: (n, { region, accountId }) => ({
          VpcEndpointAssociationArn: `arn:aws:network-firewall:${region}:${accountId}:vpc-endpoint-association/${n}`,
        }),
      },
      firewall: {
        key: "FirewallArn",
        list: { operation: "ListFirewalls", items: "Firewalls", token },
        remove: {
          operation: "DeleteFirewall",
          key: "FirewallArn",
          missing,
          missingStatus: 400,
          refuses: ({ DeleteProtection }) =>
            DeleteProtection ? new DoubleError("InvalidOperationException", 400, "is protected") : undefined,
          leaves: { status: "DELETING" },
        },
        make: (n, { region, accountId }) => ({
          FirewallArn: `arn:aws:network-firewall:${region}:${accountId}:firewall/edge-${n}`,
          FirewallName: `edge-${n}`,
          ...Object.fromEntries(protections.map((name) => [name, true])),
        }),
      },
      policy: kind(
        "ListFirewallPolicies",
        "FirewallPolicies",
        "DeleteFirewallPolicy",
        "FirewallPolicyArn",
        "firewall-policy",
      ),
      "rule-group": kind("ListRuleGroups", "RuleGroups", "DeleteRuleGroup", "RuleGroupArn", "stateful-rulegroup"),
      "tls-inspection-configuration": kind(
        "ListTLSInspectionConfigurations",
        "TLSInspectionConfigurations",
        "DeleteTLSInspectionConfiguration",
        "TLSInspectionConfigurationArn",
        "tls-configuration",
      ),
    },
    answers: {
      DescribeFirewall: (store, input) => ({ Firewall: firewallOf(store, input) }),
      ...Object.fromEntries(
        protections.map((name) => [
          name === "DeleteProtection" ? "UpdateFirewallDeleteProtection" : `Update${name}`,
          (store: Store, input: Shape) => {
            firewallOf(store, input)[name] = input[name];
          },
        ]),
      ),
    },
  }),
};
