import * as sdk from "@aws-sdk/client-apprunner";
import type { Backing } from "@/server/testing/cleaner/backing";
import { defineDouble } from "@/server/testing/double";

const missing = "ResourceNotFoundException";

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.AppRunnerClient,
    kinds: {
      service: {
        key: "ServiceArn",
        list: { operation: "ListServices", items: "ServiceSummaryList", token: ["NextToken", "NextToken"] },
        remove: {
          operation: "DeleteService",
          key: "ServiceArn",
          missing,
          leaves: { Status: "OPERATION_IN_PROGRESS" },
        },
        make: (n, { region, accountId }) => ({
          ServiceArn: `arn:aws:apprunner:${region}:${accountId}:service/shop/${n}`,
          ServiceName: "shop",
          Status: "RUNNING",
          CreatedAt: new Date(0),
        }),
      },
      "vpc-connector": {
        key: "VpcConnectorArn",
        list: { operation: "ListVpcConnectors", items: "VpcConnectors", token: ["NextToken", "NextToken"] },
        remove: { operation: "DeleteVpcConnector", key: "VpcConnectorArn", missing },
        make: (n, { region, accountId }) => ({
          VpcConnectorArn: `arn:aws:apprunner:${region}:${accountId}:vpcconnector/inside/1/${n}`,
          Status: "ACTIVE",
        }),
      },
      "auto-scaling-configuration": {
        key: "AutoScalingConfigurationArn",
        list: {
          operation: "ListAutoScalingConfigurations",
          items: "AutoScalingConfigurationSummaryList",
          token: ["NextToken", "NextToken"],
        },
        remove: {
          operation: "DeleteAutoScalingConfiguration",
          key: "AutoScalingConfigurationArn",
          missing,
        },
        make: (n, { region, accountId }) => ({
          AutoScalingConfigurationArn: `arn:aws:apprunner:${region}:${accountId}:autoscalingconfiguration/wide/1/${n}`,
          AutoScalingConfigurationName: "wide",
          Status: "ACTIVE",
        }),
      },
      connection: {
        key: "ConnectionArn",
        list: { operation: "ListConnections", items: "ConnectionSummaryList", token: ["NextToken", "NextToken"] },
        remove: { operation: "DeleteConnection", key: "ConnectionArn", missing },
        make: (n, { region, accountId }) => ({
          ConnectionArn: `arn:aws:apprunner:${region}:${accountId}:connection/github/${n}`,
          Status: "AVAILABLE",
        }),
      },
    },
  }),
};
