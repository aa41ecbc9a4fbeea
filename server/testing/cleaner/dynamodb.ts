import * as dynamodb from "@aws-sdk/client-dynamodb";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, times } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new dynamodb.DynamoDBClient(clientOptions(input));
  await times(3, (index) =>
    client.send(
      new dynamodb.CreateTableCommand({
        TableName: `orders-${index}`,
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
        DeletionProtectionEnabled: index === 0,
      }),
    ),
  );
  await client.send(new dynamodb.CreateBackupCommand({ TableName: "orders-1", BackupName: "before" }));
}

export const backing: Backing = {
  seed,
};
