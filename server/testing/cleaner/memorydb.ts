import * as sdk from "@aws-sdk/client-memorydb";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble, type Shape } from "@/server/testing/double";

function kind(name: string, make: Shape, remove: Partial<DoubleKind["remove"]> = {}): DoubleKind {
  const member = name === "MultiRegionCluster" ? `${name}Name` : "Name";
  return {
    key: member,
    list: { operation: `Describe${name}s`, items: `${name}s`, token: ["NextToken", "NextToken"] },
    remove: {
      operation: `Delete${name}`,
      key: `${name}Name`,
      missing: `${name}NotFoundFault`,
      missingStatus: 400,
      ...remove,
    },
    make: (n) => ({ [member]: `lab-${n}`, ...make }),
  };
}

const leaves = { Status: "deleting" };

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.MemoryDBClient,
    kinds: {
      cluster: kind("Cluster", { Status: "available", SecurityGroups: [{ SecurityGroupId: "sg-1" }] }, { leaves }),
      "multi-region-cluster": kind(
        "MultiRegionCluster",
        { Status: "available" },
        {
          refuses: (_, store) =>
            store.all("cluster").length > 0
              ? new DoubleError("InvalidMultiRegionClusterStateFault", 400, "It has members")
              : undefined,
          leaves,
        },
      ),
      snapshot: kind("Snapshot", { Status: "available" }, { leaves }),
      acl: kind("ACL", { Status: "active" }, { leaves }),
      user: kind("User", { Status: "active" }, { leaves }),
      "subnet-group": kind(
        "SubnetGroup",
        { Subnets: [{ Identifier: "subnet-1" }] },
        {
          refuses: (_, store) =>
            store.all("cluster").length > 0
              ? new DoubleError("SubnetGroupInUseFault", 400, "A cluster uses it")
              : undefined,
        },
      ),
      "parameter-group": kind("ParameterGroup", { Family: "memorydb_valkey7" }),
    },
  }),
};
