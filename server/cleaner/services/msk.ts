import {
  DeleteClusterCommand,
  DeleteConfigurationCommand,
  DeleteReplicatorCommand,
  DeleteVpcConnectionCommand,
  KafkaClient,
  paginateListClustersV2,
  paginateListConfigurations,
  paginateListReplicators,
  paginateListVpcConnections,
} from "@aws-sdk/client-kafka";
import { defineService } from "@/server/cleaner/define";
import { notOffered } from "@/server/cleaner/failures";

/** https://docs.aws.amazon.com/msk/1.0/apireference/clusters-clusterarn.html */
export const service = defineService({
  id: "msk",
  title: "Amazon MSK",
  scope: "regional",
  client: (options) => new KafkaClient(options),
  types: [
    {
      id: "replicator",
      unavailable: notOffered,
      stage: "first",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateListReplicators({ client }, {})) {
          for (const { ReplicatorArn: id = "", ReplicatorState, CreationTime } of page.Replicators ?? []) {
            yield { id, createdAt: CreationTime, going: ReplicatorState === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteReplicatorCommand({ ReplicatorArn: id })),
    },
    {
      id: "vpc-connection",
      unavailable: notOffered,
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListVpcConnections({ client }, {})) {
          for (const one of page.VpcConnections ?? []) {
            yield {
              id: one.VpcConnectionArn ?? "",
              createdAt: one.CreationTime,
              going: one.State === "DELETING",
              refs: [one.TargetClusterArn ?? "", one.VpcId ?? ""],
            };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteVpcConnectionCommand({ Arn: id })),
    },
    {
      id: "cluster",
      after: ["msk/replicator"],
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateListClustersV2({ client }, {})) {
          for (const { ClusterArn: id = "", State, CreationTime, Provisioned, Serverless } of page.ClusterInfoList ??
            []) {
            const { ClientSubnets = [], SecurityGroups = [] } = Provisioned?.BrokerNodeGroupInfo ?? {};
            const networks = (Serverless?.VpcConfigs ?? []).flatMap((one) => [
              ...(one.SubnetIds ?? []),
              ...(one.SecurityGroupIds ?? []),
            ]);
            const configuration = Provisioned?.CurrentBrokerSoftwareInfo?.ConfigurationArn ?? [];
            yield {
              id,
              createdAt: CreationTime,
              going: State === "DELETING",
              refs: [...ClientSubnets, ...SecurityGroups, ...networks].concat(configuration),
            };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteClusterCommand({ ClusterArn: id })),
    },
    {
      id: "configuration",
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateListConfigurations({ client }, {})) {
          for (const { Arn: id = "", State, CreationTime } of page.Configurations ?? []) {
            yield { id, createdAt: CreationTime, going: State === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteConfigurationCommand({ Arn: id })),
    },
  ],
});
