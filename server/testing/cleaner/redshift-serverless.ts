import * as sdk from "@aws-sdk/client-redshift-serverless";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble, type Shape, type Store } from "@/server/testing/double";

const missing = "ResourceNotFoundException";
const heldBy = (kind: string) => (_: Shape, store: Store) =>
  store.all(kind).length > 0 ? new DoubleError("ConflictException", 409, "There is an operation running") : undefined;

function kind(
  name: string,
  [list, items]: readonly [string, string],
  make: Shape,
  remove: Partial<DoubleKind["remove"]> = {},
): DoubleKind {
  const key = `${name.charAt(0).toLowerCase()}${name.slice(1).replace("Access", "")}Name`;
  return {
    key,
    list: { operation: list, items, token: ["nextToken", "nextToken"] },
    remove: { operation: `Delete${name}`, key, missing, missingStatus: 400, ...remove },
    make: (n) => ({ [key]: `lab-${n}`, ...make }),
  };
}

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.RedshiftServerlessClient,
    kinds: {
      "scheduled-action": kind("ScheduledAction", ["ListScheduledActions", "scheduledActions"], {}),
      "endpoint-access": kind(
        "EndpointAccess",
        ["ListEndpointAccess", "endpoints"],
        { endpointStatus: "ACTIVE", subnetIds: ["subnet-1"] },
        { leaves: { endpointStatus: "DELETING" } },
      ),
      workgroup: kind(
        "Workgroup",
        ["ListWorkgroups", "workgroups"],
        { status: "AVAILABLE" },
        { refuses: heldBy("endpoint-access"), leaves: { status: "DELETING" } },
      ),
      namespace: kind(
        "Namespace",
        ["ListNamespaces", "namespaces"],
        { status: "AVAILABLE" },
        { refuses: heldBy("workgroup"), leaves: { status: "DELETING" } },
      ),
      snapshot: kind(
        "Snapshot",
        ["ListSnapshots", "snapshots"],
        { status: "AVAILABLE" },
        { leaves: { status: "DELETED" } },
      ),
    },
  }),
};
