import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  DeleteInsightRulesCommand,
  paginateDescribeAlarms,
  paginateDescribeInsightRules,
  paginateListDashboards,
} from "@aws-sdk/client-cloudwatch";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "cloudwatch",
  title: "Amazon CloudWatch",
  scope: "regional",
  client: (options) => new CloudWatchClient(options),
  types: [
    {
      id: "alarm",
      async *list({ client }) {
        const both = { AlarmTypes: ["MetricAlarm" as const, "CompositeAlarm" as const] };
        for await (const page of paginateDescribeAlarms({ client, pageSize: 100 }, both)) {
          for (const { AlarmName } of [...(page.CompositeAlarms ?? []), ...(page.MetricAlarms ?? [])]) {
            yield { id: AlarmName ?? "" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteAlarmsCommand({ AlarmNames: [id] })),
    },
    {
      id: "dashboard",
      async *list({ client }) {
        for await (const page of paginateListDashboards({ client }, {})) {
          for (const { DashboardName } of page.DashboardEntries ?? []) yield { id: DashboardName ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDashboardsCommand({ DashboardNames: [id] })),
    },
    {
      id: "insight-rule",
      async *list({ client }) {
        for await (const page of paginateDescribeInsightRules({ client }, {})) {
          for (const { Name, ManagedRule } of page.InsightRules ?? []) {
            // A managed one goes with what it watches.
            yield { id: Name ?? "", going: ManagedRule === true };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteInsightRulesCommand({ RuleNames: [id] })),
    },
  ],
});
