import * as ec2 from "@aws-sdk/client-ec2";
import * as sdk from "@aws-sdk/client-elastic-load-balancing-v2";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";
import { defineDouble } from "@/server/testing/double";

async function seed(input: ClientInput): Promise<void> {
  const client = new sdk.ElasticLoadBalancingV2Client(clientOptions(input));
  const network = new ec2.EC2Client(clientOptions(input));
  const own = [{ Name: "default-for-az", Values: ["true"] }];
  const { Subnets } = await network.send(new ec2.DescribeSubnetsCommand({ Filters: own }));
  const ids = (Subnets ?? []).flatMap((subnet) => subnet.SubnetId ?? []);
  const made = await client.send(new sdk.CreateLoadBalancerCommand({ Name: "shop", Subnets: ids.slice(0, 2) }));
  const LoadBalancerArn = made.LoadBalancers?.[0]?.LoadBalancerArn;
  const Attributes = [{ Key: "deletion_protection.enabled", Value: "true" }];
  await client.send(new sdk.ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
  const VpcId = Subnets?.[0]?.VpcId;
  const group = { Name: "shop", Protocol: "HTTP", Port: 8080, VpcId, TargetType: "ip" } as const;
  const { TargetGroups } = await client.send(new sdk.CreateTargetGroupCommand(group));
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn;
  const DefaultActions = [{ Type: "forward" as const, TargetGroupArn }];
  await client.send(new sdk.CreateListenerCommand({ LoadBalancerArn, Protocol: "HTTP", Port: 80, DefaultActions }));
}

export const backing: Backing = {
  seed,
  double: defineDouble({
    sdk,
    client: sdk.ElasticLoadBalancingV2Client,
    kinds: {
      "trust-store": {
        key: "TrustStoreArn",
        list: { operation: "DescribeTrustStores", items: "TrustStores", token: ["Marker", "NextMarker"] },
        remove: { operation: "DeleteTrustStore", key: "TrustStoreArn", missing: "TrustStoreNotFound" },
        make: (n, { region, accountId }) => ({
          TrustStoreArn: `arn:aws:elasticloadbalancing:${region}:${accountId}:truststore/callers/${n}`,
          Name: "callers",
          Status: "ACTIVE",
        }),
      },
    },
  }),
};
