import * as sdk from "@aws-sdk/client-kafka";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

const missing = "NotFoundException";
const token = ["NextToken", "NextToken"] as const;

const arn = (kind: string, n: number, { region, accountId }: { region: string; accountId: string }) =>
  `arn:aws:kafka:${region}:${accountId}:${kind}/orders-${n}/00000000-0000-0000-0000-00000000000${n}`;

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.KafkaClient,
    kinds: {
      replicator: {
        key: "ReplicatorArn",
        list: { operation: "ListReplicators", items: "Replicators", token },
        remove: {
          operation: "DeleteReplicator",
          key: "ReplicatorArn",
          missing,
          leaves: { ReplicatorState: "DELETING" },
        },
        make: (n, place) => ({ ReplicatorArn: arn("replicator", n, place), ReplicatorState: "RUNNING" }),
      },
      "vpc-connection": {
        key: "VpcConnectionArn",
        list: { operation: "ListVpcConnections", items: "VpcConnections", token },
        remove: { operation: "DeleteVpcConnection", key: "Arn", missing, leaves: { State: "DELETING" } },
        make: (n, place) => ({
          VpcConnectionArn: arn("vpc-connection", n, place),
          TargetClusterArn: arn("cluster", n, place),
          State: "AVAILABLE",
        }),
      },
      cluster: {
        key: "ClusterArn",
        list: { operation: "ListClustersV2", items: "ClusterInfoList", token },
        remove: {
          operation: "DeleteCluster",
          key: "ClusterArn",
          missing,
          leaves: { State: "DELETING" },
          refuses: (item, store) =>
            store.all("replicator").length > 0 ||
            store.all("vpc-connection").some((one) => one.TargetClusterArn === item.ClusterArn)
              ? new DoubleError("BadRequestException", 400, "The cluster is in use.")
              : undefined,
        },
        make: (n, place) => ({
          ClusterArn: arn("cluster", n, place),
          ClusterName: `orders-${n}`,
          ClusterType: "PROVISIONED",
          State: "ACTIVE",
          Provisioned: {
            BrokerNodeGroupInfo: { ClientSubnets: ["subnet-1"], InstanceType: "kafka.t3.small" },
            CurrentBrokerSoftwareInfo: { ConfigurationArn: arn("configuration", n, place) },
            NumberOfBrokerNodes: 2,
          },
        }),
      },
      configuration: {
        key: "Arn",
        list: { operation: "ListConfigurations", items: "Configurations", token },
        remove: {
          operation: "DeleteConfiguration",
          key: "Arn",
          missing,
          leaves: { State: "DELETING" },
          refuses: (_, store) =>
            store.all("cluster").length > 0
              ? new DoubleError("BadRequestException", 400, "The configuration is in use by a cluster.")
              : undefined,
        },
        make: (n, place) => ({
          Arn: arn("configuration", n, place),
          Name: `orders-${n}`,
          State: "ACTIVE",
          KafkaVersions: ["3.9.x"],
        }),
      },
    },
  }),
};
