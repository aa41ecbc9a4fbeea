import * as sdk from "@aws-sdk/client-redshift";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble, type Store } from "@/server/testing/double";

const token = ["Marker", "Marker"] as const;

const usedByCluster = (name: string) => (_: unknown, store: Store) =>
  store.all("cluster").length > 0 ? new DoubleError(name, 400, "A cluster uses it") : undefined;

function kind(
  [list, items, remove, key, missing, asked]: readonly [string, string, string, string, string, string?],
  more: Partial<DoubleKind["remove"]> = {},
): DoubleKind {
  return {
    key,
    list: { operation: list, items, token },
    remove: { operation: remove, key: asked ?? key, missing, ...more },
    make: (n) => ({ [key]: `lab-${n}` }),
  };
}

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.RedshiftClient,
    kinds: {
      "scheduled-action": kind([
        "DescribeScheduledActions",
        "ScheduledActions",
        "DeleteScheduledAction",
        "ScheduledActionName",
        "ScheduledActionNotFound",
      ]),
      integration: {
        ...kind(
          ["DescribeIntegrations", "Integrations", "DeleteIntegration", "IntegrationArn", "IntegrationNotFoundFault"],
          { leaves: { Status: "deleting" } },
        ),
        make: (n, { region, accountId }) => ({
          IntegrationArn: `arn:aws:redshift:${region}:${accountId}:integration:${n}`,
          Status: "active",
        }),
      },
      "endpoint-access": kind(
        ["DescribeEndpointAccess", "EndpointAccessList", "DeleteEndpointAccess", "EndpointName", "EndpointNotFound"],
        { leaves: { EndpointStatus: "deleting" } },
      ),
      cluster: kind(["DescribeClusters", "Clusters", "DeleteCluster", "ClusterIdentifier", "ClusterNotFound"], {
        refuses: (_, store) =>
          store.all("endpoint-access").length > 0
            ? new DoubleError("InvalidClusterState", 400, "It has endpoints")
            : undefined,
        leaves: { ClusterStatus: "deleting" },
      }),
      snapshot: {
        ...kind([
          "DescribeClusterSnapshots",
          "Snapshots",
          "DeleteClusterSnapshot",
          "SnapshotIdentifier",
          "ClusterSnapshotNotFound",
        ]),
        make: (n) => ({ SnapshotIdentifier: `lab-${n}`, SnapshotType: "manual", Status: "available" }),
      },
      "subnet-group": kind(
        [
          "DescribeClusterSubnetGroups",
          "ClusterSubnetGroups",
          "DeleteClusterSubnetGroup",
          "ClusterSubnetGroupName",
          "ClusterSubnetGroupNotFoundFault",
        ],
        { refuses: usedByCluster("InvalidClusterSubnetGroupStateFault") },
      ),
      "parameter-group": kind(
        [
          "DescribeClusterParameterGroups",
          "ParameterGroups",
          "DeleteClusterParameterGroup",
          "ParameterGroupName",
          "ClusterParameterGroupNotFound",
        ],
        { refuses: usedByCluster("InvalidClusterParameterGroupState") },
      ),
      "snapshot-copy-grant": kind([
        "DescribeSnapshotCopyGrants",
        "SnapshotCopyGrants",
        "DeleteSnapshotCopyGrant",
        "SnapshotCopyGrantName",
        "SnapshotCopyGrantNotFoundFault",
      ]),
      "event-subscription": kind([
        "DescribeEventSubscriptions",
        "EventSubscriptionsList",
        "DeleteEventSubscription",
        "CustSubscriptionId",
        "SubscriptionNotFound",
        "SubscriptionName",
      ]),
    },
  }),
};
