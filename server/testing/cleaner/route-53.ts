import * as sdk from "@aws-sdk/client-route-53";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, times } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

async function seed(input: ClientInput, unique: string): Promise<void> {
  const client = new sdk.Route53Client(clientOptions(input));
  const zone = { Name: `shop-${unique}.example`, CallerReference: `zone-${unique}` };
  const { HostedZone } = await client.send(new sdk.CreateHostedZoneCommand(zone));
  const Changes = Array.from({ length: 120 }, (_, index) => ({
    Action: "CREATE" as const,
    ResourceRecordSet: {
      Name: `host-${index}.${zone.Name}`,
      Type: "A" as const,
      TTL: 60,
      ResourceRecords: [{ Value: "10.0.0.7" }],
    },
  }));
  const batch = { HostedZoneId: HostedZone?.Id, ChangeBatch: { Changes } };
  await client.send(new sdk.ChangeResourceRecordSetsCommand(batch));
  await times(2, (index) =>
    client.send(
      new sdk.CreateHealthCheckCommand({
        CallerReference: `check-${unique}-${index}`,
        HealthCheckConfig: { Type: "TCP", IPAddress: "10.0.0.7", Port: 80 },
      }),
    ),
  );
}

export const backing: Backing = {
  seed,
  double: defineDouble({
    sdk,
    client: sdk.Route53Client,
    global: true,
    kinds: {
      "traffic-policy-instance": {
        key: "Id",
        list: { operation: "ListTrafficPolicyInstances", items: "TrafficPolicyInstances" },
        remove: {
          operation: "DeleteTrafficPolicyInstance",
          key: "Id",
          missing: "NoSuchTrafficPolicyInstance",
          leaves: { State: "Deleting" },
        },
        count: 2,
        make: (n) => ({ Id: `instance-${n}`, HostedZoneId: "Z0", TrafficPolicyId: "policy-0", State: "Applied" }),
      },
      "traffic-policy": {
        key: "Id",
        list: { operation: "ListTrafficPolicies", items: "TrafficPolicySummaries" },
        remove: { operation: "DeleteTrafficPolicy", key: "Id", missing: "NoSuchTrafficPolicy" },
        make: (n) => ({ Id: `policy-${n}`, Name: `split-${n}` }),
      },
      "reusable-delegation-set": {
        key: "Id",
        list: {
          operation: "ListReusableDelegationSets",
          items: "DelegationSets",
          as: ({ Id, NameServers }) => ({ Id: `/delegationset/${Id}`, NameServers }),
        },
        remove: { operation: "DeleteReusableDelegationSet", key: "Id", missing: "NoSuchDelegationSet" },
        make: (n) => ({ Id: `N${n}`, NameServers: [] }),
      },
    },
    answers: {
      ListTrafficPolicyVersions: (store, { Id }) => {
        if (!store.get("traffic-policy", String(Id))) throw new DoubleError("NoSuchTrafficPolicy", 404);
        return { TrafficPolicies: [{ Id, Version: 1 }], IsTruncated: false };
      },
    },
  }),
};
