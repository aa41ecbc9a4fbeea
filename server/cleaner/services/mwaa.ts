import { CloudControlClient, DeleteResourceCommand, paginateListResources } from "@aws-sdk/client-cloudcontrol";
import { defineService } from "@/server/cleaner/define";

const TypeName = "AWS::MWAA::Environment";

/** By the Cloud Control API: https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_DeleteResource.html */
export const service = defineService({
  id: "mwaa",
  title: "Amazon MWAA",
  scope: "regional",
  client: (options) => new CloudControlClient(options),
  types: [
    {
      id: "environment",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 3_600,
      async *list({ client }) {
        for await (const page of paginateListResources({ client }, { TypeName })) {
          for (const { Identifier: id = "" } of page.ResourceDescriptions ?? []) yield { id };
        }
      },
      async remove({ client }, { id: Identifier }) {
        try {
          await client.send(new DeleteResourceCommand({ TypeName, Identifier }));
        } catch (error) {
          // Its removal is under way already.
          if (!(error instanceof Error) || error.name !== "ConcurrentOperationException") throw error;
        }
      },
      // "The specified extension doesn't exist in the CloudFormation registry": it has only what the region offers.
      unavailable: (error) =>
        error.name === "TypeNotFoundException"
          ? "Amazon MWAA is not offered in this region (TypeNotFoundException)"
          : undefined,
    },
  ],
});
