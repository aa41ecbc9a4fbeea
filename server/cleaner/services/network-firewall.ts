import {
  DeleteFirewallCommand,
  DeleteFirewallPolicyCommand,
  DeleteRuleGroupCommand,
  DeleteTLSInspectionConfigurationCommand,
  DeleteVpcEndpointAssociationCommand,
  DescribeFirewallCommand,
  NetworkFirewallClient,
  paginateListFirewallPolicies,
  paginateListFirewalls,
  paginateListRuleGroups,
  paginateListTLSInspectionConfigurations,
  paginateListVpcEndpointAssociations,
  UpdateFirewallDeleteProtectionCommand,
  UpdateFirewallPolicyChangeProtectionCommand,
  UpdateSubnetChangeProtectionCommand,
} from "@aws-sdk/client-network-firewall";
import { defineService, type Resource } from "@/server/cleaner/define";

/** https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_DeleteFirewall.html; all go in their own time. */
export const service = defineService({
  id: "network-firewall",
  title: "AWS Network Firewall",
  scope: "regional",
  client: (options) => new NetworkFirewallClient(options),
  types: [
    {
      id: "endpoint-association",
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client, accountId }) {
        for await (const page of paginateListVpcEndpointAssociations({ client, pageSize: 100 }, {})) {
          for (const { VpcEndpointAssociationArn: arn = "" } of page.VpcEndpointAssociations ?? []) {
            yield owned(arn, accountId);
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteVpcEndpointAssociationCommand({ VpcEndpointAssociationArn: id })),
    },
    {
      id: "firewall",
      after: ["network-firewall/endpoint-association"],
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client, accountId }) {
        for await (const page of paginateListFirewalls({ client, pageSize: 100 }, {})) {
          for (const { FirewallArn: arn = "" } of page.Firewalls ?? []) yield owned(arn, accountId);
        }
      },
      async prepare({ client }, { id: FirewallArn }) {
        const { Firewall } = await client.send(new DescribeFirewallCommand({ FirewallArn }));
        if (Firewall?.DeleteProtection) {
          await client.send(new UpdateFirewallDeleteProtectionCommand({ FirewallArn, DeleteProtection: false }));
        }
        if (Firewall?.SubnetChangeProtection) {
          await client.send(new UpdateSubnetChangeProtectionCommand({ FirewallArn, SubnetChangeProtection: false }));
        }
        if (Firewall?.FirewallPolicyChangeProtection) {
          const off = { FirewallArn, FirewallPolicyChangeProtection: false };
          await client.send(new UpdateFirewallPolicyChangeProtectionCommand(off));
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteFirewallCommand({ FirewallArn: id })),
    },
    {
      id: "policy",
      after: ["network-firewall/firewall"],
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client, accountId }) {
        for await (const page of paginateListFirewallPolicies({ client, pageSize: 100 }, {})) {
          for (const { Arn = "" } of page.FirewallPolicies ?? []) yield owned(Arn, accountId);
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteFirewallPolicyCommand({ FirewallPolicyArn: id })),
    },
    {
      id: "rule-group",
      after: ["network-firewall/policy"],
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client, accountId }) {
        // AWS's managed groups are in another scope.
        for await (const page of paginateListRuleGroups({ client, pageSize: 100 }, { Scope: "ACCOUNT" })) {
          for (const { Arn = "" } of page.RuleGroups ?? []) yield owned(Arn, accountId);
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteRuleGroupCommand({ RuleGroupArn: id })),
    },
    {
      id: "tls-inspection-configuration",
      after: ["network-firewall/policy"],
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client, accountId }) {
        for await (const page of paginateListTLSInspectionConfigurations({ client, pageSize: 100 }, {})) {
          for (const { Arn = "" } of page.TLSInspectionConfigurations ?? []) yield owned(Arn, accountId);
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteTLSInspectionConfigurationCommand({ TLSInspectionConfigurationArn: id })),
    },
  ],
});

/** What other accounts share may be listed, and is theirs. */
function owned(arn: string, accountId: string): Resource {
  const owner = arn.split(":")[4] ?? "";
  return { id: arn, protected: owner === accountId ? undefined : `belongs to account ${owner}, which shares it` };
}
