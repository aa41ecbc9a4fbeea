import * as sdk from "@aws-sdk/client-eks";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble } from "@/server/testing/double";

const missing = "ResourceNotFoundException";

/** What is inside the first cluster. */
function inside(name: string, operations: readonly [list: string, items: string, remove: string]): DoubleKind {
  return {
    key: name,
    list: {
      operation: operations[0],
      items: operations[1],
      token: ["nextToken", "nextToken"],
      where: { clusterName: "clusterName" },
      as: (item) => (name === "capabilityName" ? item : item[name]),
    },
    remove: { operation: operations[2], key: name, missing, leaves: { status: "DELETING" } },
    make: (n) => ({ [name]: `web-${n}`, clusterName: "shop-0", status: "ACTIVE" }),
  };
}

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.EKSClient,
    kinds: {
      "node-group": inside("nodegroupName", ["ListNodegroups", "nodegroups", "DeleteNodegroup"]),
      "fargate-profile": inside("fargateProfileName", [
        "ListFargateProfiles",
        "fargateProfileNames",
        "DeleteFargateProfile",
      ]),
      capability: inside("capabilityName", ["ListCapabilities", "capabilities", "DeleteCapability"]),
      cluster: {
        key: "name",
        list: {
          operation: "ListClusters",
          items: "clusters",
          token: ["nextToken", "nextToken"],
          as: (item) => item.name,
        },
        remove: {
          operation: "DeleteCluster",
          key: "name",
          missing,
          refuses: ({ name, deletionProtection, connectorConfig }, store) => {
            if (connectorConfig) return new DoubleError("InvalidRequestException", 400, "The cluster is registered");
            if (deletionProtection) return new DoubleError("InvalidRequestException", 400, "Deletion protection is on");
            const held = ["node-group", "fargate-profile", "capability"].flatMap((kind) => store.all(kind));
            return held.some((item) => item.clusterName === name)
              ? new DoubleError("ResourceInUseException", 409, "Cluster has nodegroups attached")
              : undefined;
          },
          leaves: { status: "DELETING" },
        },
        make: (n) => ({
          name: `shop-${n}`,
          status: "ACTIVE",
          deletionProtection: n === 1,
          connectorConfig: n === 2 ? { provider: "OTHER" } : undefined,
        }),
      },
    },
    answers: {
      DescribeCluster: (store, { name }) => {
        const cluster = store.get("cluster", String(name));
        if (!cluster) throw new DoubleError(missing, 404, "No cluster found");
        return { cluster };
      },
      UpdateClusterConfig: (store, { name, deletionProtection }) => {
        const cluster = store.get("cluster", String(name));
        if (!cluster) throw new DoubleError(missing, 404, "No cluster found");
        cluster.deletionProtection = deletionProtection;
      },
      DeregisterCluster: (store, { name }) => {
        if (!store.remove("cluster", String(name))) throw new DoubleError(missing, 404, "No cluster found");
      },
    },
  }),
};
