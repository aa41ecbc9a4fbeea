import {
  DeleteBackupCommand,
  DeleteTableCommand,
  DynamoDBClient,
  ListBackupsCommand,
  paginateListTables,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "dynamodb",
  title: "Amazon DynamoDB",
  scope: "regional",
  client: (options) => new DynamoDBClient(options),
  types: [
    {
      id: "table",
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateListTables({ client }, {})) {
          for (const id of page.TableNames ?? []) yield { id };
        }
      },
      async remove({ client }, { id: TableName }) {
        try {
          await client.send(new DeleteTableCommand({ TableName }));
        } catch (error) {
          if (!(error instanceof Error) || !/deletion ?protection/i.test(error.message)) throw error;
          await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
          await client.send(new DeleteTableCommand({ TableName }));
        }
      },
    },
    {
      id: "backup",
      // Deleting a table with point-in-time recovery leaves a system backup, which AWS drops after 35 days and nobody can.
      // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
      async *list({ client }) {
        for (let start: string | undefined; ; ) {
          const page = await client.send(
            new ListBackupsCommand({ BackupType: "ALL", ExclusiveStartBackupArn: start, Limit: 100 }),
          );
          for (const { BackupArn, BackupType, BackupStatus } of page.BackupSummaries ?? []) {
            const system = BackupType === "SYSTEM" ? "kept by AWS for 35 days; it cannot be deleted" : undefined;
            if (BackupStatus !== "DELETED") yield { id: BackupArn ?? "", protected: system };
          }
          start = page.LastEvaluatedBackupArn;
          if (!start) return;
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteBackupCommand({ BackupArn: id })),
    },
  ],
});
