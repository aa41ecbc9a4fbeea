import {
  DeleteCapabilityCommand,
  DeleteClusterCommand,
  DeleteFargateProfileCommand,
  DeleteNodegroupCommand,
  DeregisterClusterCommand,
  DescribeClusterCommand,
  EKSClient,
  paginateListCapabilities,
  paginateListClusters,
  paginateListFargateProfiles,
  paginateListNodegroups,
  UpdateClusterConfigCommand,
} from "@aws-sdk/client-eks";
import { defineService } from "@/server/cleaner/define";

/**
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_DeleteCluster.html: node groups and Fargate profiles go before
 * their cluster; add-ons, access entries and identities of pods go with it. Of a cluster's Fargate profiles one goes at a time.
 * A cluster is asked for first of all, since it makes nodes and load balancers anew, and is refused until it holds no more.
 */
export const service = defineService({
  id: "eks",
  title: "Amazon EKS",
  scope: "regional",
  client: (options) => new EKSClient(options),
  types: [
    {
      id: "node-group",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const clusterName of clusterNames(client)) {
          for await (const page of paginateListNodegroups({ client }, { clusterName })) {
            for (const name of page.nodegroups ?? []) {
              yield { id: `${clusterName}/${name}`, data: { cluster: clusterName, name } };
            }
          }
        }
      },
      remove: ({ client }, { data }) =>
        client.send(new DeleteNodegroupCommand({ clusterName: data?.cluster, nodegroupName: data?.name })),
    },
    {
      id: "fargate-profile",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const clusterName of clusterNames(client)) {
          for await (const page of paginateListFargateProfiles({ client }, { clusterName })) {
            for (const name of page.fargateProfileNames ?? []) {
              yield { id: `${clusterName}/${name}`, data: { cluster: clusterName, name } };
            }
          }
        }
      },
      remove: ({ client }, { data }) =>
        client.send(new DeleteFargateProfileCommand({ clusterName: data?.cluster, fargateProfileName: data?.name })),
    },
    {
      id: "capability",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const clusterName of clusterNames(client)) {
          for await (const page of paginateListCapabilities({ client }, { clusterName })) {
            for (const { capabilityName: name = "", status } of page.capabilities ?? []) {
              const data = { cluster: clusterName, name };
              yield { id: `${clusterName}/${name}`, going: status === "DELETING", data };
            }
          }
        }
      },
      remove: ({ client }, { data }) =>
        client.send(new DeleteCapabilityCommand({ clusterName: data?.cluster, capabilityName: data?.name })),
    },
    {
      id: "cluster",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 3_000,
      async *list({ client }) {
        for await (const page of paginateListClusters({ client }, { include: ["all"] })) {
          for (const name of page.clusters ?? []) {
            const { cluster } = await client.send(new DescribeClusterCommand({ name }));
            yield {
              id: name,
              createdAt: cluster?.createdAt,
              going: cluster?.status === "DELETING",
              refs: [
                ...(cluster?.resourcesVpcConfig?.subnetIds ?? []),
                ...(cluster?.resourcesVpcConfig?.securityGroupIds ?? []),
              ],
              data: { connected: cluster?.connectorConfig ? "yes" : "" },
            };
          }
        }
      },
      async prepare({ client }, { id: name }) {
        // The same setting again would be refused.
        const { cluster } = await client.send(new DescribeClusterCommand({ name }));
        if (!cluster?.deletionProtection) return;
        await client.send(new UpdateClusterConfigCommand({ name, deletionProtection: false }));
      },
      // One that runs elsewhere is only shown here.
      remove: ({ client }, { id: name, data }) =>
        data?.connected
          ? client.send(new DeregisterClusterCommand({ name }))
          : client.send(new DeleteClusterCommand({ name })),
    },
  ],
});

/** Connected clusters have no node groups or profiles here. */
async function* clusterNames(client: EKSClient): AsyncIterable<string> {
  for await (const page of paginateListClusters({ client }, {})) yield* page.clusters ?? [];
}
