import {
  type CapacityProvider,
  type Cluster,
  DeleteCapacityProviderCommand,
  DeleteClusterCommand,
  DeleteDaemonCommand,
  DeleteExpressGatewayServiceCommand,
  DeleteServiceCommand,
  DeleteTaskDefinitionsCommand,
  DeregisterContainerInstanceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeCapacityProvidersCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  ECSClient,
  ListDaemonsCommand,
  PutClusterCapacityProvidersCommand,
  paginateListClusters,
  paginateListContainerInstances,
  paginateListServices,
  paginateListTaskDefinitions,
  paginateListTasks,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import { defineService } from "@/server/cleaner/define";

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html: a cluster is refused while it holds
 * services, tasks, instances or capacity providers. A deleted service drains unlisted; its tasks stay listed until they stop.
 */
export const service = defineService({
  id: "ecs",
  title: "Amazon ECS",
  scope: "regional",
  client: (options) => new ECSClient(options),
  types: [
    {
      id: "service",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const { clusterArn: cluster = "" } of clusters(client)) {
          for await (const page of paginateListServices({ client, pageSize: 10 }, { cluster })) {
            const services = page.serviceArns ?? [];
            if (services.length === 0) continue;
            const described = await client.send(new DescribeServicesCommand({ cluster, services }));
            for (const id of services) {
              // One that is listed counts, even if AWS has no more to say of it.
              const one = described.services?.find((service) => service.serviceArn === id);
              if (one?.status === "INACTIVE") continue;
              yield {
                id,
                createdAt: one?.createdAt,
                going: one?.status === "DRAINING",
                data: { cluster, express: one?.resourceManagementType === "ECS" ? "yes" : "" },
              };
            }
          }
        }
      },
      remove: ({ client }, { id, data }) =>
        // An Express service has a load balancer and more of its own, which AWS takes away with it alone.
        data?.express
          ? client.send(new DeleteExpressGatewayServiceCommand({ serviceArn: id }))
          : client.send(new DeleteServiceCommand({ cluster: data?.cluster, service: id, force: true })),
    },
    {
      id: "daemon",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        // Without a cluster AWS takes the one named "default".
        for await (const { clusterArn } of clusters(client)) {
          for (let nextToken: string | undefined; ; ) {
            const page = await client.send(new ListDaemonsCommand({ clusterArn, nextToken }));
            for (const { daemonArn, status } of page.daemonSummariesList ?? []) {
              yield { id: daemonArn ?? "", going: status === "DELETE_IN_PROGRESS" };
            }
            nextToken = page.nextToken;
            if (!nextToken) break;
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDaemonCommand({ daemonArn: id })),
      // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListDaemons.html
      unavailable: (error) =>
        error.name === "UnsupportedFeatureException" ? "managed daemons are not supported in this region" : undefined,
    },
    {
      id: "task",
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const { clusterArn: cluster = "" } of clusters(client)) {
          for await (const page of paginateListTasks({ client }, { cluster })) {
            for (const id of page.taskArns ?? []) yield { id, data: { cluster } };
          }
        }
      },
      remove: ({ client }, { id, data }) => client.send(new StopTaskCommand({ cluster: data?.cluster, task: id })),
    },
    {
      id: "capacity-provider",
      after: ["ecs/task"],
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        const users = new Map<string, string[]>();
        const found = new Map<string, CapacityProvider>();
        const keep = (provider: CapacityProvider) => found.set(provider.capacityProviderArn ?? "", provider);
        for await (const provider of capacityProviders(client)) keep(provider);
        for await (const { clusterArn = "", capacityProviders: names = [] } of clusters(client)) {
          for (const name of names) users.set(name, [...(users.get(name) ?? []), clusterArn]);
          for (const provider of await ownProviders(client, clusterArn)) keep(provider);
        }
        for (const [id, { name = "", status, cluster = "" }] of found) {
          if (/^FARGATE(_SPOT)?$/.test(name) || status === "INACTIVE") continue;
          const data = { cluster, users: cluster ? "" : (users.get(name) ?? []).join(" ") };
          yield { id, going: status === "DEPROVISIONING", data };
        }
      },
      async prepare({ client }, { data }) {
        const clusters = data?.users?.split(" ").filter(Boolean) ?? [];
        if (clusters.length === 0) return;
        // What was taken off before is not asked for again: each change takes a while, in which the next is refused.
        const described = await client.send(new DescribeClustersCommand({ clusters }));
        for (const { clusterArn: cluster, capacityProviders: names } of described.clusters ?? []) {
          if (!names?.length) continue;
          const none = { cluster, capacityProviders: [], defaultCapacityProviderStrategy: [] };
          await client.send(new PutClusterCapacityProvidersCommand(none));
        }
      },
      remove: ({ client }, { id, data }) =>
        client.send(new DeleteCapacityProviderCommand({ capacityProvider: id, cluster: data?.cluster || undefined })),
    },
    {
      id: "cluster",
      after: ["ecs/task", "ecs/capacity-provider"],
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const { clusterArn, status } of clusters(client)) {
          yield { id: clusterArn ?? "", going: status === "DEPROVISIONING" };
        }
      },
      async prepare({ client }, { id: cluster }) {
        for await (const page of paginateListContainerInstances({ client }, { cluster })) {
          for (const containerInstance of page.containerInstanceArns ?? []) {
            await client.send(new DeregisterContainerInstanceCommand({ cluster, containerInstance, force: true }));
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteClusterCommand({ cluster: id })),
    },
    {
      id: "task-definition",
      after: ["ecs/service", "ecs/task"],
      async *list({ client }) {
        for (const status of ["ACTIVE", "INACTIVE"] as const) {
          for await (const page of paginateListTaskDefinitions({ client }, { status })) {
            for (const id of page.taskDefinitionArns ?? []) yield { id, data: { status } };
          }
        }
      },
      async prepare({ client }, { id, data }) {
        if (data?.status === "INACTIVE") return;
        await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: id }));
      },
      // From then on "delete in progress": no more than a name that running tasks still bear.
      async remove({ client }, { id }) {
        const { failures } = await client.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: [id] }));
        const failure = failures?.[0];
        if (failure) throw new Error(`${failure.reason ?? "refused"}: ${failure.detail ?? ""}`);
      },
    },
  ],
});

async function* clusters(client: ECSClient): AsyncIterable<Cluster> {
  for await (const page of paginateListClusters({ client, pageSize: 100 }, {})) {
    if (!page.clusterArns?.length) continue;
    const described = await client.send(new DescribeClustersCommand({ clusters: page.clusterArns }));
    for (const clusterArn of page.clusterArns) {
      const cluster = described.clusters?.find((one) => one.clusterArn === clusterArn) ?? { clusterArn };
      // Deleted ones may be shown for a while.
      if (cluster.status !== "INACTIVE") yield cluster;
    }
  }
}

async function* capacityProviders(client: ECSClient, cluster?: string): AsyncIterable<CapacityProvider> {
  for (let nextToken: string | undefined; ; ) {
    const page = await client.send(new DescribeCapacityProvidersCommand({ cluster, nextToken }));
    yield* page.capacityProviders ?? [];
    nextToken = page.nextToken;
    if (!nextToken) return;
  }
}

/** Those of managed instances are a cluster's own; where there are none of that kind, AWS refuses to be asked for a cluster's. */
async function ownProviders(client: ECSClient, cluster: string): Promise<CapacityProvider[]> {
  try {
    return await Array.fromAsync(capacityProviders(client, cluster));
  } catch (error) {
    if (error instanceof Error && error.name === "UnsupportedFeatureException") return [];
    throw error;
  }
}
