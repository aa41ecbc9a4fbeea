import * as ec2 from "@aws-sdk/client-ec2";
import * as rds from "@aws-sdk/client-rds";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";

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

export const backing: Backing = {
  seed: seedRds,
  onlyListed: ["global-cluster", "proxy"],
  failsWhenGone: ["cluster"],
};
