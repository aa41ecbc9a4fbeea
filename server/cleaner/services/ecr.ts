import { DeleteRepositoryCommand, ECRClient, paginateDescribeRepositories } from "@aws-sdk/client-ecr";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "ecr",
  title: "Amazon ECR",
  scope: "regional",
  client: (options) => new ECRClient(options),
  types: [
    {
      id: "repository",
      async *list({ client }) {
        for await (const page of paginateDescribeRepositories({ client, pageSize: 1000 }, {})) {
          for (const { repositoryName, createdAt } of page.repositories ?? []) {
            yield { id: repositoryName ?? "", createdAt };
          }
        }
      },
      // With its images.
      remove: ({ client }, { id }) => client.send(new DeleteRepositoryCommand({ repositoryName: id, force: true })),
    },
  ],
});
