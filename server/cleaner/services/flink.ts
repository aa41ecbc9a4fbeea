import {
  DeleteApplicationCommand,
  DescribeApplicationCommand,
  KinesisAnalyticsV2Client,
  paginateListApplications,
} from "@aws-sdk/client-kinesis-analytics-v2";
import { defineService } from "@/server/cleaner/define";

/**
 * An application stops and goes with its snapshots, and must be named with the time of its creation.
 * https://docs.aws.amazon.com/managed-flink/latest/apiv2/API_DeleteApplication.html
 */
export const service = defineService({
  id: "flink",
  title: "Amazon Managed Service for Apache Flink",
  scope: "regional",
  client: (options) => new KinesisAnalyticsV2Client(options),
  types: [
    {
      id: "application",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListApplications({ client }, {})) {
          for (const { ApplicationName: id = "", ApplicationStatus } of page.ApplicationSummaries ?? []) {
            yield { id, going: ApplicationStatus === "DELETING" };
          }
        }
      },
      async remove({ client }, { id: ApplicationName }) {
        const { ApplicationDetail } = await client.send(new DescribeApplicationCommand({ ApplicationName }));
        const { CreateTimestamp } = ApplicationDetail ?? {};
        await client.send(new DeleteApplicationCommand({ ApplicationName, CreateTimestamp }));
      },
    },
  ],
});
