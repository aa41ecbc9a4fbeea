import * as ecr from "@aws-sdk/client-ecr";
import { type ClientInput, clientOptions } from "@/server/aws/clients";
import type { Backing } from "@/server/testing/cleaner/backing";

async function seed(input: ClientInput): Promise<void> {
  const client = new ecr.ECRClient(clientOptions(input));
  await client.send(new ecr.CreateRepositoryCommand({ repositoryName: "lab/web" }));
}

export const backing: Backing = {
  seed,
};
