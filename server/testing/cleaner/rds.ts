import * as ec2 from "@aws-sdk/client-ec2";
import * as rds from "@aws-sdk/client-rds";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble, type Shape, type Store } from "@/server/testing/double";

async function seedRds(input: ClientInput): Promise<void> {
  const client = new rds.RDSClient(clientOptions(input));
  const vpc = new ec2.EC2Client(clientOptions(input));
  const { Subnets } = await vpc.send(
    new ec2.DescribeSubnetsCommand({ Filters: [{ Name: "default-for-az", Values: ["true"] }] }),
  );
  const SubnetIds = (Subnets ?? []).flatMap((subnet) => subnet.SubnetId ?? []);
  const described = { DBSubnetGroupDescription: "lab", SubnetIds };
  await client.send(new rds.CreateDBSubnetGroupCommand({ DBSubnetGroupName: "lab", ...described }));
  const family = { DBParameterGroupFamily: "postgres16", Description: "lab" };
  await client.send(new rds.CreateDBParameterGroupCommand({ DBParameterGroupName: "tuned", ...family }));
  const aurora = { DBParameterGroupFamily: "aurora-postgresql16", Description: "lab" };
  await client.send(
    new rds.CreateDBClusterParameterGroupCommand({ DBClusterParameterGroupName: "tuned-c", ...aurora }),
  );
  const master = { MasterUsername: "lab", MasterUserPassword: "long-enough-1" };
  await client.send(
    new rds.CreateDBInstanceCommand({
      DBInstanceIdentifier: "shop",
      Engine: "postgres",
      DBInstanceClass: "db.t3.micro",
      AllocatedStorage: 20,
      DeletionProtection: true,
      DBSubnetGroupName: "lab",
      DBParameterGroupName: "tuned",
      ...master,
    }),
  );
  const shop = { DBInstanceIdentifier: "shop" };
  await client.send(new rds.CreateDBSnapshotCommand({ ...shop, DBSnapshotIdentifier: "shop-1" }));
  await client.send(
    new rds.CreateDBClusterCommand({
      DBClusterIdentifier: "ledger",
      Engine: "aurora-postgresql",
      DeletionProtection: true,
      ...master,
    }),
  );
  await client.send(
    new rds.CreateDBInstanceCommand({
      DBInstanceIdentifier: "ledger-1",
      DBClusterIdentifier: "ledger",
      Engine: "aurora-postgresql",
      DBInstanceClass: "db.t3.medium",
    }),
  );
  const ledger = { DBClusterIdentifier: "ledger", DBClusterSnapshotIdentifier: "ledger-1" };
  await client.send(new rds.CreateDBClusterSnapshotCommand(ledger));
  const topic = `arn:aws:sns:${input.region}:123456789012:lab`;
  await client.send(new rds.CreateEventSubscriptionCommand({ SubscriptionName: "lab", SnsTopicArn: topic }));
}

const token = ["Marker", "Marker"] as const;

export const backing: Backing = {
  seed: seedRds,
  double: defineDouble({
    sdk: rds,
    client: rds.RDSClient,
    kinds: {
      proxy: {
        key: "DBProxyName",
        list: { operation: "DescribeDBProxies", items: "DBProxies", token },
        remove: {
          operation: "DeleteDBProxy",
          key: "DBProxyName",
          missing: "DBProxyNotFoundFault",
          leaves: { Status: "deleting" },
        },
        make: (n) => ({ DBProxyName: `pool-${n}`, Status: "available", VpcSubnetIds: ["subnet-1"] }),
      },
      "global-cluster": {
        key: "GlobalClusterIdentifier",
        list: { operation: "DescribeGlobalClusters", items: "GlobalClusters", token },
        remove: {
          operation: "DeleteGlobalCluster",
          key: "GlobalClusterIdentifier",
          missing: "GlobalClusterNotFoundFault",
          refuses: ({ DeletionProtection, GlobalClusterMembers }) =>
            DeletionProtection || (GlobalClusterMembers as unknown[]).length > 0
              ? new DoubleError("InvalidGlobalClusterStateFault", 400, "It is protected or has members")
              : undefined,
          leaves: { Status: "deleting" },
        },
        make: (n, { region, accountId }) => ({
          GlobalClusterIdentifier: `world-${n}`,
          Status: "available",
          DeletionProtection: n === 0,
          GlobalClusterMembers:
            n === 1 ? [{ DBClusterArn: `arn:aws:rds:${region}:${accountId}:cluster:ledger`, IsWriter: true }] : [],
        }),
      },
    },
    answers: {
      ModifyGlobalCluster: (store, input) => {
        globalCluster(store, input).DeletionProtection = input.DeletionProtection === "true";
      },
      RemoveFromGlobalCluster: (store, input) => {
        const cluster = globalCluster(store, input);
        cluster.GlobalClusterMembers = (cluster.GlobalClusterMembers as Shape[]).filter(
          (one) => one.DBClusterArn !== input.DbClusterIdentifier,
        );
      },
    },
  }),
  failsWhenGone: ["cluster"],
};

function globalCluster(store: Store, { GlobalClusterIdentifier }: Shape): Shape {
  const cluster = store.get("global-cluster", String(GlobalClusterIdentifier));
  if (!cluster) throw new DoubleError("GlobalClusterNotFoundFault", 404, "It does not exist");
  return cluster;
}
