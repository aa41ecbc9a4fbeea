import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import { type Backing, times } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new cloudwatch.CloudWatchClient(clientOptions(input));
  await times(3, (index) =>
    client.send(
      new cloudwatch.PutMetricAlarmCommand({
        AlarmName: `cpu-${index}`,
        Namespace: "AWS/EC2",
        MetricName: "CPUUtilization",
        ComparisonOperator: "GreaterThanThreshold",
        EvaluationPeriods: 1,
        Period: 60,
        Statistic: "Average",
        Threshold: 80,
      }),
    ),
  );
  const DashboardBody = JSON.stringify({ widgets: [] });
  await client.send(new cloudwatch.PutDashboardCommand({ DashboardName: "lab", DashboardBody }));
  const RuleDefinition = JSON.stringify({ Schema: { Name: "CloudWatchLogRule", Version: 1 } });
  await client.send(new cloudwatch.PutInsightRuleCommand({ RuleName: "top", RuleDefinition, RuleState: "ENABLED" }));
}

export const backing: Backing = {
  seed,
};
