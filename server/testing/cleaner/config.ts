import * as sdk from "@aws-sdk/client-config-service";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

const token = ["NextToken", "NextToken"] as const;

export const backing: Backing = {
  onlyListed: ["history"],
  double: defineDouble({
    sdk,
    client: sdk.ConfigServiceClient,
    kinds: {
      "conformance-pack": {
        key: "ConformancePackName",
        list: { operation: "DescribeConformancePacks", items: "ConformancePackDetails", token },
        remove: {
          operation: "DeleteConformancePack",
          key: "ConformancePackName",
          missing: "NoSuchConformancePackException",
          missingStatus: 400,
          leaves: { state: "DELETE_IN_PROGRESS" },
        },
        make: (n) => ({ ConformancePackName: `pack-${n}`, ConformancePackId: `conformance-pack-${n}` }),
      },
      rule: {
        key: "ConfigRuleName",
        list: { operation: "DescribeConfigRules", items: "ConfigRules", token },
        remove: {
          operation: "DeleteConfigRule",
          key: "ConfigRuleName",
          missing: "NoSuchConfigRuleException",
          missingStatus: 400,
          refuses: ({ remediated }) =>
            remediated ? new DoubleError("ResourceInUseException", 400, "A remediation is there") : undefined,
          leaves: { ConfigRuleState: "DELETING" },
        },
        make: (n) => ({ ConfigRuleName: `tagged-${n}`, ConfigRuleState: "ACTIVE", remediated: n === 0 }),
      },
      recorder: {
        key: "name",
        count: 1,
        list: { operation: "ListConfigurationRecorders", items: "ConfigurationRecorderSummaries", token },
        remove: {
          operation: "DeleteConfigurationRecorder",
          key: "ConfigurationRecorderName",
          missing: "NoSuchConfigurationRecorderException",
          missingStatus: 400,
        },
        make: (_, { region, accountId }) => ({
          name: "default",
          arn: `arn:aws:config:${region}:${accountId}:configuration-recorder/default/1`,
          recordingScope: "PAID",
          recording: true,
        }),
      },
      "delivery-channel": {
        key: "name",
        count: 1,
        list: { operation: "DescribeDeliveryChannels", items: "DeliveryChannels" },
        remove: {
          operation: "DeleteDeliveryChannel",
          key: "DeliveryChannelName",
          missing: "NoSuchDeliveryChannelException",
          missingStatus: 400,
          refuses: (_, store) =>
            store.all("recorder").some(({ recording }) => recording)
              ? new DoubleError("LastDeliveryChannelDeleteFailedException", 400, "The recorder is running")
              : undefined,
        },
        make: () => ({ name: "default", s3BucketName: "recorded" }),
      },
      aggregator: {
        key: "ConfigurationAggregatorName",
        list: { operation: "DescribeConfigurationAggregators", items: "ConfigurationAggregators", token },
        remove: {
          operation: "DeleteConfigurationAggregator",
          key: "ConfigurationAggregatorName",
          missing: "NoSuchConfigurationAggregatorException",
          missingStatus: 400,
        },
        make: (n) => ({ ConfigurationAggregatorName: `all-${n}` }),
      },
      "aggregation-authorization": {
        key: "AuthorizedAccountId",
        list: { operation: "DescribeAggregationAuthorizations", items: "AggregationAuthorizations", token },
        remove: {
          operation: "DeleteAggregationAuthorization",
          key: "AuthorizedAccountId",
          missing: "NoSuchAggregationAuthorizationException",
          missingStatus: 400,
        },
        make: (n) => ({ AuthorizedAccountId: `21098765432${n}`, AuthorizedAwsRegion: "eu-west-1" }),
      },
    },
    answers: {
      DeleteRemediationConfiguration: (store, { ConfigRuleName }) => {
        const rule = store.get("rule", String(ConfigRuleName));
        if (!rule?.remediated) throw new DoubleError("NoSuchRemediationConfigurationException");
        rule.remediated = false;
      },
      StopConfigurationRecorder: (store, { ConfigurationRecorderName }) => {
        const recorder = store.get("recorder", String(ConfigurationRecorderName));
        if (!recorder) throw new DoubleError("NoSuchConfigurationRecorderException");
        recorder.recording = false;
      },
      PutRetentionConfiguration: (store, { RetentionPeriodInDays }) => {
        store.put("retention", "default", { Name: "default", RetentionPeriodInDays });
      },
      DescribeRetentionConfigurations: (store) => ({ RetentionConfigurations: store.all("retention") }),
    },
  }),
};
