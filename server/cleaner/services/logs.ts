import {
  CloudWatchLogsClient,
  DeleteDestinationCommand,
  DeleteLogGroupCommand,
  DeleteResourcePolicyCommand,
  DescribeResourcePoliciesCommand,
  paginateDescribeDestinations,
  paginateDescribeLogGroups,
} from "@aws-sdk/client-cloudwatch-logs";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "logs",
  title: "Amazon CloudWatch Logs",
  scope: "regional",
  client: (options) => new CloudWatchLogsClient(options),
  types: [
    {
      // Late: what still runs would write its group anew.
      id: "log-group",
      stage: "late",
      async *list({ client }) {
        for await (const page of paginateDescribeLogGroups({ client, pageSize: 50 }, {})) {
          for (const { logGroupName: id = "", creationTime } of page.logGroups ?? []) {
            const createdAt = creationTime === undefined ? undefined : new Date(creationTime);
            const keep = id.startsWith("aws-controltower/") ? "made by Control Tower" : undefined;
            yield { id, createdAt, protected: keep };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteLogGroupCommand({ logGroupName: id })),
    },
    {
      id: "destination",
      async *list({ client }) {
        for await (const page of paginateDescribeDestinations({ client }, {})) {
          for (const { destinationName } of page.destinations ?? []) yield { id: destinationName ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDestinationCommand({ destinationName: id })),
    },
    {
      id: "resource-policy",
      async *list({ client }) {
        for (let nextToken: string | undefined; ; ) {
          const page = await client.send(new DescribeResourcePoliciesCommand({ nextToken }));
          for (const { policyName } of page.resourcePolicies ?? []) yield { id: policyName ?? "" };
          nextToken = page.nextToken;
          if (!nextToken) return;
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteResourcePolicyCommand({ policyName: id })),
    },
  ],
});
