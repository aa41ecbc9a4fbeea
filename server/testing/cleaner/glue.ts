import * as sdk from "@aws-sdk/client-glue";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { allow, type Backing, makeRole, times } from "@/server/testing/cleaner/backing";
import { defineDouble } from "@/server/testing/double";

async function seed(input: ClientInput): Promise<void> {
  const Role = await makeRole(input, `glue-${input.region}`);
  const client = new sdk.GlueClient(clientOptions(input));
  const Command = { Name: "glueetl", ScriptLocation: "s3://lake/job.py" };
  await times(3, (index) => client.send(new sdk.CreateJobCommand({ Name: `load-${index}`, Role, Command })));
  await client.send(new sdk.StartJobRunCommand({ JobName: "load-0" }));
  await client.send(
    new sdk.CreateTriggerCommand({ Name: "nightly", Type: "ON_DEMAND", Actions: [{ JobName: "load-0" }] }),
  );
  await client.send(new sdk.CreateWorkflowCommand({ Name: "nightly" }));
  await client.send(new sdk.CreateDatabaseCommand({ DatabaseInput: { Name: "lake" } }));
  await client.send(new sdk.CreateTableCommand({ DatabaseName: "lake", TableInput: { Name: "orders" } }));
  const Targets = { S3Targets: [{ Path: "s3://lake/" }] };
  await client.send(new sdk.CreateCrawlerCommand({ Name: "lake", Role, DatabaseName: "lake", Targets }));
  await client.send(new sdk.CreateDevEndpointCommand({ EndpointName: "notebook", RoleArn: Role }));
  await client.send(new sdk.CreateSessionCommand({ Id: "notebook", Role, Command: { Name: "glueetl" } }));
  await client.send(new sdk.CreateRegistryCommand({ RegistryName: "events" }));
  await client.send(
    new sdk.CreateMLTransformCommand({
      Name: "same",
      Role,
      InputRecordTables: [{ DatabaseName: "lake", TableName: "orders" }],
      Parameters: { TransformType: "FIND_MATCHES" },
    }),
  );
  const EncryptionConfiguration = { S3Encryption: [{ S3EncryptionMode: "SSE-S3" as const }] };
  await client.send(new sdk.CreateSecurityConfigurationCommand({ Name: "sealed", EncryptionConfiguration }));
  await client.send(new sdk.PutResourcePolicyCommand({ PolicyInJson: allow }));
}

const missing = "EntityNotFoundException";
const token = ["NextToken", "NextToken"] as const;

export const backing: Backing = {
  seed,
  double: defineDouble({
    sdk,
    client: sdk.GlueClient,
    kinds: {
      connection: {
        key: "Name",
        list: { operation: "GetConnections", items: "ConnectionList", token },
        remove: { operation: "DeleteConnection", key: "ConnectionName", missing, missingStatus: 400 },
        make: (n) => ({ Name: `warehouse-${n}`, ConnectionType: "JDBC", CreationTime: new Date(0) }),
      },
      classifier: {
        key: "Name",
        list: {
          operation: "GetClassifiers",
          items: "Classifiers",
          token,
          as: (item) => ({ GrokClassifier: { ...item, Classification: "log", GrokPattern: "%{DATA:line}" } }),
        },
        remove: { operation: "DeleteClassifier", key: "Name", missing, missingStatus: 400 },
        make: (n) => ({ Name: `lines-${n}` }),
      },
    },
  }),
};
