import {
  AccessPolicyType,
  DeleteAccessPolicyCommand,
  DeleteCollectionCommand,
  DeleteCollectionGroupCommand,
  DeleteLifecyclePolicyCommand,
  DeleteSecurityConfigCommand,
  DeleteSecurityPolicyCommand,
  DeleteVpcEndpointCommand,
  LifecyclePolicyType,
  OpenSearchServerlessClient,
  paginateListAccessPolicies,
  paginateListCollectionGroups,
  paginateListCollections,
  paginateListLifecyclePolicies,
  paginateListSecurityConfigs,
  paginateListSecurityPolicies,
  paginateListVpcEndpoints,
  SecurityConfigType,
  SecurityPolicyType,
} from "@aws-sdk/client-opensearchserverless";
import { defineService } from "@/server/cleaner/define";

/** Policies name collections by pattern: those that stayed would open or close what the next ones make. */
export const service = defineService({
  id: "opensearch-serverless",
  title: "Amazon OpenSearch Serverless",
  scope: "regional",
  client: (options) => new OpenSearchServerlessClient(options),
  types: [
    {
      id: "collection",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListCollections({ client }, {})) {
          for (const { id = "", status } of page.collectionSummaries ?? []) yield { id, going: status === "DELETING" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteCollectionCommand({ id })),
    },
    {
      id: "collection-group",
      after: ["opensearch-serverless/collection"],
      async *list({ client }) {
        for await (const page of paginateListCollectionGroups({ client }, {})) {
          for (const { id = "" } of page.collectionGroupSummaries ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteCollectionGroupCommand({ id })),
    },
    {
      id: "vpc-endpoint",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListVpcEndpoints({ client }, {})) {
          for (const { id = "", status } of page.vpcEndpointSummaries ?? []) yield { id, going: status === "DELETING" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteVpcEndpointCommand({ id })),
    },
    {
      id: "access-policy",
      async *list({ client }) {
        for (const type of Object.values(AccessPolicyType)) {
          for await (const page of paginateListAccessPolicies({ client }, { type })) {
            for (const { name = "" } of page.accessPolicySummaries ?? [])
              yield { id: `${type}/${name}`, data: { name } };
          }
        }
      },
      remove: ({ client }, { id, data }) =>
        client.send(new DeleteAccessPolicyCommand({ type: typeOf(id, AccessPolicyType), name: data?.name })),
    },
    {
      id: "security-policy",
      after: ["opensearch-serverless/collection", "opensearch-serverless/vpc-endpoint"],
      async *list({ client }) {
        for (const type of Object.values(SecurityPolicyType)) {
          for await (const page of paginateListSecurityPolicies({ client }, { type })) {
            for (const { name = "" } of page.securityPolicySummaries ?? [])
              yield { id: `${type}/${name}`, data: { name } };
          }
        }
      },
      remove: ({ client }, { id, data }) =>
        client.send(new DeleteSecurityPolicyCommand({ type: typeOf(id, SecurityPolicyType), name: data?.name })),
    },
    {
      id: "lifecycle-policy",
      async *list({ client }) {
        for (const type of Object.values(LifecyclePolicyType)) {
          for await (const page of paginateListLifecyclePolicies({ client }, { type })) {
            for (const { name = "" } of page.lifecyclePolicySummaries ?? [])
              yield { id: `${type}/${name}`, data: { name } };
          }
        }
      },
      remove: ({ client }, { id, data }) =>
        client.send(new DeleteLifecyclePolicyCommand({ type: typeOf(id, LifecyclePolicyType), name: data?.name })),
    },
    {
      id: "security-config",
      async *list({ client }) {
        for (const type of Object.values(SecurityConfigType)) {
          for await (const page of paginateListSecurityConfigs({ client }, { type })) {
            for (const { id = "" } of page.securityConfigSummaries ?? []) yield { id };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteSecurityConfigCommand({ id })),
    },
  ],
});

/** The type in an id of "<type>/<name>". */
function typeOf<T extends string>(id: string, types: Readonly<Record<string, T>>): T | undefined {
  return Object.values(types).find((type) => id.startsWith(`${type}/`));
}
