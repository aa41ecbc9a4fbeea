import {
  DeleteAcceleratorCommand,
  DeleteCrossAccountAttachmentCommand,
  DeleteCustomRoutingAcceleratorCommand,
  DeleteCustomRoutingEndpointGroupCommand,
  DeleteCustomRoutingListenerCommand,
  DeleteEndpointGroupCommand,
  DeleteListenerCommand,
  DescribeAcceleratorCommand,
  DescribeCustomRoutingAcceleratorCommand,
  GlobalAcceleratorClient,
  paginateListAccelerators,
  paginateListCrossAccountAttachments,
  paginateListCustomRoutingAccelerators,
  paginateListCustomRoutingEndpointGroups,
  paginateListCustomRoutingListeners,
  paginateListEndpointGroups,
  paginateListListeners,
  UpdateAcceleratorCommand,
  UpdateCustomRoutingAcceleratorCommand,
} from "@aws-sdk/client-global-accelerator";
import { defineService } from "@/server/cleaner/define";

/**
 * Its API is in us-west-2 alone: https://docs.aws.amazon.com/general/latest/gr/global_accelerator.html. An accelerator goes
 * disabled, without listeners, and once its last change is deployed; each try does the next step and looks again.
 */
export const service = defineService({
  id: "global-accelerator",
  title: "AWS Global Accelerator",
  scope: "global",
  client: (options) => new GlobalAcceleratorClient({ ...options, region: "us-west-2" }),
  types: [
    {
      id: "accelerator",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateListAccelerators({ client, pageSize: 100 }, {})) {
          for (const { AcceleratorArn: id = "", CreatedTime } of page.Accelerators ?? []) {
            yield { id, createdAt: CreatedTime };
          }
        }
      },
      async prepare({ client }, { id: AcceleratorArn }) {
        for await (const page of paginateListListeners({ client, pageSize: 100 }, { AcceleratorArn })) {
          for (const { ListenerArn } of page.Listeners ?? []) {
            for await (const groups of paginateListEndpointGroups({ client, pageSize: 100 }, { ListenerArn })) {
              for (const { EndpointGroupArn } of groups.EndpointGroups ?? []) {
                await client.send(new DeleteEndpointGroupCommand({ EndpointGroupArn }));
              }
            }
            await client.send(new DeleteListenerCommand({ ListenerArn }));
          }
        }
        const { Accelerator } = await client.send(new DescribeAcceleratorCommand({ AcceleratorArn }));
        if (Accelerator?.Enabled) await client.send(new UpdateAcceleratorCommand({ AcceleratorArn, Enabled: false }));
        if (Accelerator?.Enabled || Accelerator?.Status !== "DEPLOYED") throw new Error("It is still being disabled");
      },
      remove: ({ client }, { id }) => client.send(new DeleteAcceleratorCommand({ AcceleratorArn: id })),
    },
    {
      id: "custom-routing-accelerator",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateListCustomRoutingAccelerators({ client, pageSize: 100 }, {})) {
          for (const { AcceleratorArn: id = "", CreatedTime } of page.Accelerators ?? []) {
            yield { id, createdAt: CreatedTime };
          }
        }
      },
      async prepare({ client }, { id: AcceleratorArn }) {
        for await (const page of paginateListCustomRoutingListeners({ client, pageSize: 100 }, { AcceleratorArn })) {
          for (const { ListenerArn } of page.Listeners ?? []) {
            const inside = paginateListCustomRoutingEndpointGroups({ client, pageSize: 100 }, { ListenerArn });
            for await (const groups of inside) {
              for (const { EndpointGroupArn } of groups.EndpointGroups ?? []) {
                await client.send(new DeleteCustomRoutingEndpointGroupCommand({ EndpointGroupArn }));
              }
            }
            await client.send(new DeleteCustomRoutingListenerCommand({ ListenerArn }));
          }
        }
        const { Accelerator } = await client.send(new DescribeCustomRoutingAcceleratorCommand({ AcceleratorArn }));
        const on = Accelerator?.Enabled;
        if (on) await client.send(new UpdateCustomRoutingAcceleratorCommand({ AcceleratorArn, Enabled: false }));
        if (on || Accelerator?.Status !== "DEPLOYED") throw new Error("It is still being disabled");
      },
      remove: ({ client }, { id }) => client.send(new DeleteCustomRoutingAcceleratorCommand({ AcceleratorArn: id })),
    },
    {
      // Lets accelerators of other accounts send traffic here.
      id: "cross-account-attachment",
      async *list({ client }) {
        for await (const page of paginateListCrossAccountAttachments({ client, pageSize: 100 }, {})) {
          for (const { AttachmentArn: id = "", CreatedTime } of page.CrossAccountAttachments ?? []) {
            yield { id, createdAt: CreatedTime };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteCrossAccountAttachmentCommand({ AttachmentArn: id })),
    },
  ],
});
