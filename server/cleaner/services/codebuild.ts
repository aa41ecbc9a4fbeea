import {
  BatchDeleteBuildsCommand,
  CodeBuildClient,
  DeleteFleetCommand,
  DeleteProjectCommand,
  DeleteReportGroupCommand,
  DeleteSourceCredentialsCommand,
  ListSourceCredentialsCommand,
  paginateListBuilds,
  paginateListFleets,
  paginateListProjects,
  paginateListReportGroups,
  StopBuildCommand,
} from "@aws-sdk/client-codebuild";
import { defineService } from "@/server/cleaner/define";
import { notOffered } from "@/server/cleaner/failures";

/**
 * Builds outlive their project, go on running, and show the variables they ran with.
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_DeleteProject.html
 */
export const service = defineService({
  id: "codebuild",
  title: "AWS CodeBuild",
  scope: "regional",
  client: (options) => new CodeBuildClient(options),
  types: [
    {
      id: "project",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateListProjects({ client }, {})) {
          for (const id of page.projects ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteProjectCommand({ name: id })),
    },
    {
      id: "build",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateListBuilds({ client }, {})) for (const id of page.ids ?? []) yield { id };
      },
      async remove({ client }, { id }) {
        const { buildsNotDeleted = [] } = await client.send(new BatchDeleteBuildsCommand({ ids: [id] }));
        const [refused] = buildsNotDeleted;
        if (!refused) return;
        // "Not found" when it is gone already.
        await client.send(new StopBuildCommand({ id }));
        throw new Error(`The build is still there (${refused.statusCode}); it was asked to stop`);
      },
    },
    {
      id: "report-group",
      async *list({ client }) {
        for await (const page of paginateListReportGroups({ client }, {})) {
          for (const id of page.reportGroups ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteReportGroupCommand({ arn: id, deleteReports: true })),
    },
    {
      id: "source-credential",
      async *list({ client }) {
        const { sourceCredentialsInfos = [] } = await client.send(new ListSourceCredentialsCommand({}));
        for (const { arn: id = "" } of sourceCredentialsInfos) yield { id };
      },
      remove: ({ client }, { id }) => client.send(new DeleteSourceCredentialsCommand({ arn: id })),
    },
    {
      id: "fleet",
      unavailable: notOffered,
      after: ["codebuild/project"],
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateListFleets({ client }, {})) for (const id of page.fleets ?? []) yield { id };
      },
      remove: ({ client }, { id }) => client.send(new DeleteFleetCommand({ arn: id })),
    },
  ],
});
