import {
  DeleteApplicationCommand,
  DeletePlatformVersionCommand,
  DescribeApplicationsCommand,
  DescribeEnvironmentsCommand,
  ElasticBeanstalkClient,
  paginateListPlatformVersions,
  TerminateEnvironmentCommand,
} from "@aws-sdk/client-elastic-beanstalk";
import { defineService } from "@/server/cleaner/define";

/**
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_DeleteApplication.html: versions and saved configurations go
 * with their application. Source bundles lie in a bucket that is removed as every other.
 */
export const service = defineService({
  id: "elastic-beanstalk",
  title: "AWS Elastic Beanstalk",
  scope: "regional",
  client: (options) => new ElasticBeanstalkClient(options),
  types: [
    {
      id: "environment",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for (let NextToken: string | undefined; ; ) {
          const page = await client.send(new DescribeEnvironmentsCommand({ IncludeDeleted: false, NextToken }));
          for (const { EnvironmentId, Status, DateCreated } of page.Environments ?? []) {
            if (Status === "Terminated") continue;
            yield { id: EnvironmentId ?? "", createdAt: DateCreated, going: Status === "Terminating" };
          }
          NextToken = page.NextToken;
          if (!NextToken) return;
        }
      },
      remove: ({ client }, { id }) =>
        client.send(
          new TerminateEnvironmentCommand({ EnvironmentId: id, TerminateResources: true, ForceTerminate: true }),
        ),
    },
    {
      id: "application",
      after: ["elastic-beanstalk/environment"],
      gone: "listed",
      deadlineSeconds: 600,
      // AWS answers with all at once.
      async *list({ client }) {
        const { Applications } = await client.send(new DescribeApplicationsCommand({}));
        for (const { ApplicationName, DateCreated } of Applications ?? []) {
          yield { id: ApplicationName ?? "", createdAt: DateCreated };
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteApplicationCommand({ ApplicationName: id, TerminateEnvByForce: true })),
    },
    {
      id: "platform-version",
      after: ["elastic-beanstalk/environment"],
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        const own = [{ Type: "PlatformOwner", Operator: "=", Values: ["self"] }];
        for await (const page of paginateListPlatformVersions({ client }, { Filters: own })) {
          for (const { PlatformArn, PlatformStatus, PlatformOwner } of page.PlatformSummaryList ?? []) {
            if (PlatformStatus === "Deleted" || PlatformOwner === "AWSElasticBeanstalk") continue;
            yield { id: PlatformArn ?? "", going: PlatformStatus === "Deleting" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeletePlatformVersionCommand({ PlatformArn: id })),
    },
  ],
});
