import * as sdk from "@aws-sdk/client-kinesis-analytics-v2";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

const missing = "ResourceNotFoundException";

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.KinesisAnalyticsV2Client,
    kinds: {
      application: {
        key: "ApplicationName",
        list: { operation: "ListApplications", items: "ApplicationSummaries", token: ["NextToken", "NextToken"] },
        remove: {
          operation: "DeleteApplication",
          key: "ApplicationName",
          missing,
          leaves: { ApplicationStatus: "DELETING" },
        },
        make: (n, { region, accountId }) => ({
          ApplicationName: `clicks-${n}`,
          ApplicationARN: `arn:aws:kinesisanalytics:${region}:${accountId}:application/clicks-${n}`,
          ApplicationStatus: "RUNNING",
          ApplicationVersionId: 1,
          RuntimeEnvironment: "FLINK-1_20",
          CreateTimestamp: new Date(1_000),
        }),
      },
    },
    answers: {
      DescribeApplication: (store, { ApplicationName }) => {
        const ApplicationDetail = store.get("application", String(ApplicationName));
        if (!ApplicationDetail) throw new DoubleError(missing, 400, "does not exist");
        return { ApplicationDetail };
      },
    },
  }),
};
