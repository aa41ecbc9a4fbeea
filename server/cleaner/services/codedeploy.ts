import {
  CodeDeployClient,
  DeleteApplicationCommand,
  DeleteDeploymentConfigCommand,
  DeleteGitHubAccountTokenCommand,
  ListGitHubAccountTokenNamesCommand,
  paginateListApplications,
  paginateListDeploymentConfigs,
} from "@aws-sdk/client-codedeploy";
import { defineService } from "@/server/cleaner/define";

/** Deployment groups and revisions go with their application. */
export const service = defineService({
  id: "codedeploy",
  title: "AWS CodeDeploy",
  scope: "regional",
  client: (options) => new CodeDeployClient(options),
  types: [
    {
      id: "application",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateListApplications({ client }, {})) {
          for (const id of page.applications ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteApplicationCommand({ applicationName: id })),
    },
    {
      id: "deployment-config",
      after: ["codedeploy/application"],
      async *list({ client }) {
        for await (const page of paginateListDeploymentConfigs({ client }, {})) {
          for (const id of page.deploymentConfigsList ?? []) {
            const own = id.startsWith("CodeDeployDefault.") ? "AWS's own configuration" : undefined;
            yield { id, protected: own };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDeploymentConfigCommand({ deploymentConfigName: id })),
    },
    {
      id: "github-token",
      async *list({ client }) {
        for (let nextToken: string | undefined; ; ) {
          const page = await client.send(new ListGitHubAccountTokenNamesCommand({ nextToken }));
          for (const id of page.tokenNameList ?? []) yield { id };
          nextToken = page.nextToken;
          if (!nextToken) return;
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteGitHubAccountTokenCommand({ tokenName: id })),
    },
  ],
});
