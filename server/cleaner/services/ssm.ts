import {
  DeleteDocumentCommand,
  DeleteMaintenanceWindowCommand,
  DeleteParameterCommand,
  DeletePatchBaselineCommand,
  ListCommandsCommand,
  paginateDescribeMaintenanceWindows,
  paginateDescribeParameters,
  paginateDescribePatchBaselines,
  paginateListDocuments,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { defineService } from "@/server/cleaner/define";

export const service = defineService({
  id: "ssm",
  title: "AWS Systems Manager",
  scope: "regional",
  client: (options) => new SSMClient(options),
  types: [
    {
      id: "parameter",
      async *list({ client }) {
        for await (const page of paginateDescribeParameters({ client, pageSize: 50 }, {})) {
          for (const { Name } of page.Parameters ?? []) yield { id: Name ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteParameterCommand({ Name: id })),
    },
    {
      id: "document",
      async *list({ client }) {
        const own = { Filters: [{ Key: "Owner", Values: ["Self"] }] };
        for await (const page of paginateListDocuments({ client, pageSize: 50 }, own)) {
          for (const { Name } of page.DocumentIdentifiers ?? []) yield { id: Name ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDocumentCommand({ Name: id, Force: true })),
    },
    {
      id: "maintenance-window",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateDescribeMaintenanceWindows({ client }, {})) {
          for (const { WindowId } of page.WindowIdentities ?? []) yield { id: WindowId ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteMaintenanceWindowCommand({ WindowId: id })),
    },
    {
      id: "patch-baseline",
      async *list({ client }) {
        const own = { Filters: [{ Key: "OWNER", Values: ["Self"] }] };
        for await (const page of paginateDescribePatchBaselines({ client }, own)) {
          for (const { BaselineId } of page.BaselineIdentities ?? []) yield { id: BaselineId ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeletePatchBaselineCommand({ BaselineId: id })),
    },
    {
      // A remain: one resource for all commands, counted no further than the first page.
      // https://docs.aws.amazon.com/systems-manager/latest/userguide/running-commands.html (history of 30 days)
      id: "command-history",
      async *list({ client }) {
        const { Commands = [], NextToken } = await client.send(new ListCommandsCommand({ MaxResults: 50 }));
        if (Commands.length === 0) return;
        const more = NextToken ? " or more" : "";
        const count = Commands.length === 1 && !more ? "1 command" : `${Commands.length}${more} commands`;
        yield {
          id: count,
          protected: "cannot be removed: AWS keeps commands and their output for 30 days; the next holder can read it",
        };
      },
      remove: async () => {
        throw new Error("AWS does not remove the history of commands");
      },
    },
  ],
});
