import {
  DeleteNamespaceCommand,
  DeleteServiceCommand,
  DeregisterInstanceCommand,
  paginateListInstances,
  paginateListNamespaces,
  paginateListServices,
  ServiceDiscoveryClient,
} from "@aws-sdk/client-servicediscovery";
import { defineService } from "@/server/cleaner/define";

/**
 * A namespace's hosted zone goes with it. Deregistering an instance and deleting a namespace take time; until they are through
 * AWS answers ResourceInUse: https://docs.aws.amazon.com/cloud-map/latest/api/API_DeleteService.html
 */
export const service = defineService({
  id: "cloud-map",
  title: "AWS Cloud Map",
  scope: "regional",
  client: (options) => new ServiceDiscoveryClient(options),
  types: [
    {
      id: "service",
      after: ["ecs/service"],
      deadlineSeconds: 600,
      async *list({ client, accountId }) {
        for await (const page of paginateListServices({ client, pageSize: 100 }, {})) {
          for (const { Id = "", ResourceOwner = accountId, CreateDate } of page.Services ?? []) {
            yield { id: Id, createdAt: CreateDate, protected: sharedBy(ResourceOwner, accountId) };
          }
        }
      },
      async prepare({ client }, { id: ServiceId }) {
        for await (const page of paginateListInstances({ client, pageSize: 100 }, { ServiceId })) {
          for (const { Id: InstanceId } of page.Instances ?? []) {
            await client.send(new DeregisterInstanceCommand({ ServiceId, InstanceId }));
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteServiceCommand({ Id: id })),
    },
    {
      id: "namespace",
      after: ["cloud-map/service"],
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client, accountId }) {
        for await (const page of paginateListNamespaces({ client, pageSize: 100 }, {})) {
          for (const { Id = "", ResourceOwner = accountId, CreateDate } of page.Namespaces ?? []) {
            yield { id: Id, createdAt: CreateDate, protected: sharedBy(ResourceOwner, accountId) };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteNamespaceCommand({ Id: id })),
    },
  ],
});

/** Lists hold what other accounts share with this one, too. */
function sharedBy(owner: string, accountId: string): string | undefined {
  return owner === accountId ? undefined : `belongs to account ${owner}, which shares it`;
}
