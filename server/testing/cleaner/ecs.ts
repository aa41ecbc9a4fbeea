import * as sdk from "@aws-sdk/client-ecs";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble, type Shape } from "@/server/testing/double";

const token = ["nextToken", "nextToken"] as const;
const refused = (name: string, message: string) => new DoubleError(name, 400, message);
const arn = (place: { region: string; accountId: string }, rest: string) =>
  `arn:aws:ecs:${place.region}:${place.accountId}:${rest}`;
const strings = (value: unknown) => value as string[];

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.ECSClient,
    kinds: {
      service: {
        key: "serviceArn",
        list: {
          operation: "ListServices",
          items: "serviceArns",
          token,
          where: { clusterArn: "cluster" },
          as: (item) => item.serviceArn,
        },
        remove: {
          operation: "DeleteService",
          key: "service",
          missing: "ServiceNotFoundException",
          missingStatus: 400,
          refuses: ({ resourceManagementType }) =>
            resourceManagementType === "ECS"
              ? refused("InvalidParameterException", "This service is managed by Express Mode")
              : undefined,
          leaves: { status: "DRAINING" },
        },
        make: (n, place) => ({
          serviceArn: arn(place, `service/shop-0/web-${n}`),
          clusterArn: arn(place, "cluster/shop-0"),
          status: "ACTIVE",
          resourceManagementType: n === 1 ? "ECS" : "CUSTOMER",
        }),
      },
      daemon: {
        key: "daemonArn",
        list: { operation: "ListDaemons", items: "daemonSummariesList", token, where: { clusterArn: "clusterArn" } },
        remove: {
          operation: "DeleteDaemon",
          key: "daemonArn",
          missing: "DaemonNotFoundException",
          leaves: { status: "DELETE_IN_PROGRESS" },
        },
        make: (n, place) => ({
          daemonArn: arn(place, `daemon/shop-0/agent-${n}`),
          clusterArn: arn(place, "cluster/shop-0"),
          status: "ACTIVE",
        }),
      },
      task: {
        key: "taskArn",
        list: {
          operation: "ListTasks",
          items: "taskArns",
          token,
          where: { clusterArn: "cluster" },
          as: (item) => item.taskArn,
        },
        remove: {
          operation: "StopTask",
          key: "task",
          missing: "InvalidParameterException",
          missingStatus: 400,
          leaves: { desiredStatus: "STOPPED" },
        },
        make: (n, place) => ({ taskArn: arn(place, `task/shop-0/${n}`), clusterArn: arn(place, "cluster/shop-0") }),
      },
      "capacity-provider": {
        key: "capacityProviderArn",
        list: { operation: "DescribeCapacityProviders", items: "capacityProviders", token },
        remove: {
          operation: "DeleteCapacityProvider",
          key: "capacityProvider",
          missing: "ClientException",
          missingStatus: 400,
          refuses: ({ name }, store) =>
            store.all("cluster").some((cluster) => strings(cluster.capacityProviders).includes(String(name)))
              ? refused(
                  "ClientException",
                  "The capacity provider cannot be deleted because it is associated with a cluster",
                )
              : undefined,
          leaves: { status: "INACTIVE" },
        },
        make: (n, place) => ({
          capacityProviderArn: arn(place, `capacity-provider/fleet-${n}`),
          name: `fleet-${n}`,
          status: "ACTIVE",
        }),
      },
      cluster: {
        key: "clusterArn",
        list: { operation: "ListClusters", items: "clusterArns", token, as: (item) => item.clusterArn },
        remove: {
          operation: "DeleteCluster",
          key: "cluster",
          missing: "ClusterNotFoundException",
          missingStatus: 400,
          refuses: ({ clusterArn, instances }, store) => {
            const holds = (kind: string) => store.all(kind).some((item) => item.clusterArn === clusterArn);
            if (strings(instances).length > 0) {
              return refused("ClusterContainsContainerInstancesException", "There are container instances");
            }
            if (holds("task")) return refused("ClusterContainsTasksException", "There are tasks");
            return holds("service") ? refused("ClusterContainsServicesException", "There are services") : undefined;
          },
          leaves: { status: "INACTIVE" },
        },
        make: (n, place) => ({
          clusterArn: arn(place, `cluster/shop-${n}`),
          status: "ACTIVE",
          capacityProviders: n === 0 ? ["FARGATE", "fleet-0"] : [],
          instances: n === 0 ? ["i-1"] : [],
        }),
      },
      "task-definition": {
        key: "taskDefinitionArn",
        list: {
          operation: "ListTaskDefinitions",
          items: "taskDefinitionArns",
          token,
          where: { status: "status" },
          as: (item) => item.taskDefinitionArn,
        },
        remove: { operation: "DeleteTaskDefinitions", key: "taskDefinitions", missing: "ClientException" },
        make: (n, place) => ({
          taskDefinitionArn: arn(place, `task-definition/web:${n}`),
          status: n === 3 ? "INACTIVE" : "ACTIVE",
        }),
        count: 4,
      },
    },
    answers: {
      DescribeServices: (store, { services }) => ({
        services: strings(services).flatMap((id) => store.get("service", id) ?? []),
      }),
      DeleteExpressGatewayService: (store, { serviceArn }) => {
        const there = store.remove("service", String(serviceArn));
        if (!there) throw refused("ServiceNotFoundException", "Service not found");
      },
      DescribeClusters: (store, { clusters }) => ({
        clusters: strings(clusters).flatMap((id) => store.get("cluster", id) ?? []),
      }),
      PutClusterCapacityProviders: (store, input) => {
        const cluster = store.get("cluster", String(input.cluster));
        if (!cluster) throw refused("ClusterNotFoundException", "Cluster not found");
        cluster.capacityProviders = input.capacityProviders;
      },
      ListContainerInstances: (store, { cluster }) => ({
        containerInstanceArns: instancesOf(store.get("cluster", String(cluster))),
      }),
      DeregisterContainerInstance: (store, input) => {
        const cluster = store.get("cluster", String(input.cluster));
        if (cluster) cluster.instances = instancesOf(cluster).filter((one) => one !== input.containerInstance);
      },
      DeregisterTaskDefinition: (store, { taskDefinition }) => {
        const found = store.get("task-definition", String(taskDefinition));
        if (!found) throw refused("ClientException", "The task definition does not exist");
        found.status = "INACTIVE";
      },
      DeleteTaskDefinitions: (store, { taskDefinitions }) => {
        const [id = ""] = strings(taskDefinitions);
        const status = store.get("task-definition", id)?.status;
        if (status === "INACTIVE") store.remove("task-definition", id);
        if (status === undefined) throw refused("ClientException", "The task definition does not exist");
        return { failures: status === "ACTIVE" ? [{ arn: id, reason: "ACTIVE", detail: "Deregister it first" }] : [] };
      },
    },
  }),
};

function instancesOf(cluster: Shape | undefined): string[] {
  if (!cluster) throw refused("ClusterNotFoundException", "Cluster not found");
  return strings(cluster.instances);
}
