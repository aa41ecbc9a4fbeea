import * as sdk from "@aws-sdk/client-elastic-beanstalk";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.ElasticBeanstalkClient,
    kinds: {
      environment: {
        key: "EnvironmentId",
        list: { operation: "DescribeEnvironments", items: "Environments", token: ["NextToken", "NextToken"] },
        remove: {
          operation: "TerminateEnvironment",
          key: "EnvironmentId",
          missing: "InvalidParameterValue",
          missingStatus: 400,
          leaves: { Status: "Terminating" },
        },
        make: (n) => ({
          EnvironmentId: `e-${n}`,
          ApplicationName: "shop-0",
          Status: "Ready",
          DateCreated: new Date(0),
        }),
      },
      application: {
        key: "ApplicationName",
        list: { operation: "DescribeApplications", items: "Applications" },
        remove: {
          operation: "DeleteApplication",
          key: "ApplicationName",
          missing: "InvalidParameterValue",
          missingStatus: 400,
          refuses: ({ ApplicationName }, store) =>
            store.all("environment").some((one) => one.ApplicationName === ApplicationName)
              ? new DoubleError("OperationInProgressFailure", 400, "Environments are being terminated")
              : undefined,
        },
        make: (n) => ({ ApplicationName: `shop-${n}`, DateCreated: new Date(0) }),
      },
      "platform-version": {
        key: "PlatformArn",
        list: { operation: "ListPlatformVersions", items: "PlatformSummaryList", token: ["NextToken", "NextToken"] },
        remove: {
          operation: "DeletePlatformVersion",
          key: "PlatformArn",
          missing: "InvalidParameterValue",
          missingStatus: 400,
          leaves: { PlatformStatus: "Deleting" },
        },
        make: (n, { region, accountId }) => ({
          PlatformArn: `arn:aws:elasticbeanstalk:${region}:${accountId}:platform/own/1.0.${n}`,
          PlatformOwner: "self",
          PlatformStatus: "Ready",
        }),
      },
    },
  }),
};
