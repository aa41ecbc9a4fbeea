import * as sdk from "@aws-sdk/client-database-migration-service";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble, type Shape, type Store } from "@/server/testing/double";

const missing = "ResourceNotFoundFault";
const missingStatus = 400;
const token = ["Marker", "Marker"] as const;

const arn = (kind: string, n: number, { region, accountId }: { region: string; accountId: string }) =>
  `arn:aws:dms:${region}:${accountId}:${kind}:LAB${n}`;
const refused = (message: string) => new DoubleError("InvalidResourceStateFault", 400, message);
const running = ({ Status }: Shape) => (Status === "running" ? refused("It is running.") : undefined);
const used = (kind: string, by: (one: Shape, item: Shape) => boolean) => (item: Shape, store: Store) =>
  store.all(kind).some((one) => by(one, item)) ? refused("It is in use.") : undefined;
const stop = (kind: string, member: string) => (store: Store, input: Shape) => {
  const item = store.get(kind, String(input[member]));
  if (!item) throw new DoubleError(missing, 400, "does not exist");
  if (item.Status !== "running") throw refused("It does not run.");
  store.put(kind, String(input[member]), { ...item, Status: "stopped" });
  return {};
};

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.DatabaseMigrationServiceClient,
    kinds: {
      "replication-task": {
        key: "ReplicationTaskArn",
        list: { operation: "DescribeReplicationTasks", items: "ReplicationTasks", token },
        remove: {
          operation: "DeleteReplicationTask",
          key: "ReplicationTaskArn",
          missing,
          missingStatus,
          refuses: running,
          leaves: { Status: "deleting" },
        },
        make: (n, place) => ({
          ReplicationTaskArn: arn("task", n, place),
          ReplicationInstanceArn: arn("rep", n, place),
          SourceEndpointArn: arn("endpoint", 0, place),
          TargetEndpointArn: arn("endpoint", 1, place),
          Status: "running",
        }),
      },
      "replication-config": {
        key: "ReplicationConfigArn",
        list: { operation: "DescribeReplicationConfigs", items: "ReplicationConfigs", token },
        remove: {
          operation: "DeleteReplicationConfig",
          key: "ReplicationConfigArn",
          missing,
          missingStatus,
          refuses: running,
          leaves: {},
        },
        make: (n, place) => ({ ReplicationConfigArn: arn("replication-config", n, place), Status: "running" }),
      },
      "replication-instance": {
        key: "ReplicationInstanceArn",
        list: { operation: "DescribeReplicationInstances", items: "ReplicationInstances", token },
        remove: {
          operation: "DeleteReplicationInstance",
          key: "ReplicationInstanceArn",
          missing,
          missingStatus,
          refuses: used(
            "replication-task",
            (task, item) => task.ReplicationInstanceArn === item.ReplicationInstanceArn,
          ),
          leaves: { ReplicationInstanceStatus: "deleting" },
        },
        make: (n, place) => ({
          ReplicationInstanceArn: arn("rep", n, place),
          ReplicationInstanceStatus: "available",
          ReplicationSubnetGroup: { ReplicationSubnetGroupIdentifier: `lab-${n}` },
        }),
      },
      endpoint: {
        key: "EndpointArn",
        list: { operation: "DescribeEndpoints", items: "Endpoints", token },
        remove: {
          operation: "DeleteEndpoint",
          key: "EndpointArn",
          missing,
          missingStatus,
          refuses: used("replication-task", (task, item) =>
            [task.SourceEndpointArn, task.TargetEndpointArn].includes(item.EndpointArn),
          ),
          leaves: { Status: "deleting" },
        },
        make: (n, place) => ({
          EndpointArn: arn("endpoint", n, place),
          CertificateArn: arn("cert", n, place),
          Status: "active",
        }),
      },
      certificate: {
        key: "CertificateArn",
        list: { operation: "DescribeCertificates", items: "Certificates", token },
        remove: {
          operation: "DeleteCertificate",
          key: "CertificateArn",
          missing,
          missingStatus,
          refuses: used("endpoint", (endpoint, item) => endpoint.CertificateArn === item.CertificateArn),
        },
        make: (n, place) => ({ CertificateArn: arn("cert", n, place), CertificateIdentifier: `lab-${n}` }),
      },
      "subnet-group": {
        key: "ReplicationSubnetGroupIdentifier",
        list: { operation: "DescribeReplicationSubnetGroups", items: "ReplicationSubnetGroups", token },
        remove: {
          operation: "DeleteReplicationSubnetGroup",
          key: "ReplicationSubnetGroupIdentifier",
          missing,
          missingStatus,
          refuses: (_, store) => (store.all("replication-instance").length > 0 ? refused("It is in use.") : undefined),
        },
        make: (n) => ({ ReplicationSubnetGroupIdentifier: `lab-${n}`, Subnets: [] }),
      },
      "event-subscription": {
        key: "CustSubscriptionId",
        list: { operation: "DescribeEventSubscriptions", items: "EventSubscriptionsList", token },
        remove: {
          operation: "DeleteEventSubscription",
          key: "SubscriptionName",
          missing,
          missingStatus,
          leaves: { Status: "deleting" },
        },
        make: (n) => ({ CustSubscriptionId: `lab-${n}`, Status: "active" }),
      },
    },
    answers: {
      StopReplicationTask: stop("replication-task", "ReplicationTaskArn"),
      StopReplication: stop("replication-config", "ReplicationConfigArn"),
    },
  }),
};
