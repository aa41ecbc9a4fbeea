import {
  DeleteDocumentCommand,
  DeleteMaintenanceWindowCommand,
  DeleteParameterCommand,
  DeletePatchBaselineCommand,
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
  ],
});
