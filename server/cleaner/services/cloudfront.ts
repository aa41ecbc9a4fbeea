import {
  CloudFrontClient,
  DeleteAnycastIpListCommand,
  DeleteCachePolicyCommand,
  DeleteCloudFrontOriginAccessIdentityCommand,
  DeleteContinuousDeploymentPolicyCommand,
  DeleteDistributionCommand,
  DeleteDistributionTenantCommand,
  DeleteFunctionCommand,
  DeleteKeyGroupCommand,
  DeleteKeyValueStoreCommand,
  DeleteOriginAccessControlCommand,
  DeleteOriginRequestPolicyCommand,
  DeletePublicKeyCommand,
  DeleteRealtimeLogConfigCommand,
  DeleteResponseHeadersPolicyCommand,
  DeleteVpcOriginCommand,
  DescribeFunctionCommand,
  DescribeKeyValueStoreCommand,
  GetAnycastIpListCommand,
  GetCachePolicyCommand,
  GetCloudFrontOriginAccessIdentityCommand,
  GetContinuousDeploymentPolicyCommand,
  GetDistributionCommand,
  GetDistributionTenantCommand,
  GetKeyGroupCommand,
  GetOriginAccessControlCommand,
  GetOriginRequestPolicyCommand,
  GetPublicKeyCommand,
  GetResponseHeadersPolicyCommand,
  GetVpcOriginCommand,
  ListAnycastIpListsCommand,
  ListCachePoliciesCommand,
  ListCloudFrontOriginAccessIdentitiesCommand,
  ListContinuousDeploymentPoliciesCommand,
  ListDistributionsCommand,
  ListDistributionTenantsCommand,
  ListFunctionsCommand,
  ListKeyGroupsCommand,
  ListKeyValueStoresCommand,
  ListOriginAccessControlsCommand,
  ListOriginRequestPoliciesCommand,
  ListPublicKeysCommand,
  ListRealtimeLogConfigsCommand,
  ListResponseHeadersPoliciesCommand,
  ListVpcOriginsCommand,
  UpdateDistributionCommand,
  UpdateDistributionTenantCommand,
} from "@aws-sdk/client-cloudfront";
import { defineService } from "@/server/cleaner/define";

const after = ["cloudfront/distribution"];

/**
 * A distribution goes disabled, and once that is deployed everywhere (minutes):
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToDeleteDistribution.html. Everything is removed by
 * its ETag, which only reading it gives. What AWS itself offers is left out by asking for the custom type.
 */
export const service = defineService({
  id: "cloudfront",
  title: "Amazon CloudFront",
  scope: "global",
  client: (options) => new CloudFrontClient(options),
  types: [
    {
      id: "distribution-tenant",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        const all = pages(async (Marker) => {
          const { DistributionTenantList, NextMarker } = await client.send(
            new ListDistributionTenantsCommand({ Marker }),
          );
          return { Items: DistributionTenantList, NextMarker };
        });
        for await (const { Id = "", DistributionId = "", CreatedTime } of all) {
          yield { id: Id, createdAt: CreatedTime, refs: [DistributionId] };
        }
      },
      async remove({ client }, { id: Id }) {
        const { ETag: IfMatch, DistributionTenant: tenant } = await client.send(
          new GetDistributionTenantCommand({ Identifier: Id }),
        );
        if (tenant?.Enabled) await client.send(new UpdateDistributionTenantCommand({ Id, IfMatch, Enabled: false }));
        if (tenant?.Enabled || tenant?.Status === "InProgress") throw new Error("It is still being disabled");
        await client.send(new DeleteDistributionTenantCommand({ Id, IfMatch }));
      },
    },
    {
      id: "distribution",
      after: ["cloudfront/distribution-tenant"],
      deadlineSeconds: 1_800,
      async *list({ client }) {
        const all = pages(
          async (Marker) => (await client.send(new ListDistributionsCommand({ Marker }))).DistributionList,
        );
        for await (const { Id = "", WebACLId, ViewerCertificate } of all) {
          const refs = [WebACLId, ViewerCertificate?.ACMCertificateArn].flatMap((ref) => ref || []);
          yield { id: Id, refs };
        }
      },
      async remove({ client }, { id: Id }) {
        const { ETag: IfMatch, Distribution: found } = await client.send(new GetDistributionCommand({ Id }));
        const config = found?.DistributionConfig;
        if (config?.Enabled) {
          const DistributionConfig = { ...config, Enabled: false, ContinuousDeploymentPolicyId: "" };
          await client.send(new UpdateDistributionCommand({ Id, IfMatch, DistributionConfig }));
        }
        if (config?.Enabled || found?.Status === "InProgress") throw new Error("It is still being disabled");
        await client.send(new DeleteDistributionCommand({ Id, IfMatch }));
      },
    },
    {
      id: "continuous-deployment-policy",
      after,
      async *list({ client }) {
        const all = pages(
          async (Marker) =>
            (await client.send(new ListContinuousDeploymentPoliciesCommand({ Marker }))).ContinuousDeploymentPolicyList,
        );
        for await (const { ContinuousDeploymentPolicy: policy } of all) yield { id: policy?.Id ?? "" };
      },
      async remove({ client }, { id: Id }) {
        const { ETag: IfMatch } = await client.send(new GetContinuousDeploymentPolicyCommand({ Id }));
        await client.send(new DeleteContinuousDeploymentPolicyCommand({ Id, IfMatch }));
      },
    },
    {
      id: "function",
      after,
      async *list({ client }) {
        // Each function has a development stage, and a live one besides once it was published.
        const all = pages(
          async (Marker) =>
            (await client.send(new ListFunctionsCommand({ Stage: "DEVELOPMENT", Marker }))).FunctionList,
        );
        for await (const { Name = "" } of all) yield { id: Name };
      },
      async remove({ client }, { id: Name }) {
        const { ETag: IfMatch } = await client.send(new DescribeFunctionCommand({ Name, Stage: "DEVELOPMENT" }));
        await client.send(new DeleteFunctionCommand({ Name, IfMatch }));
      },
    },
    {
      id: "key-value-store",
      after: ["cloudfront/function"],
      gone: "listed",
      async *list({ client }) {
        const all = pages(
          async (Marker) => (await client.send(new ListKeyValueStoresCommand({ Marker }))).KeyValueStoreList,
        );
        for await (const { Name = "", Status } of all) yield { id: Name, going: Status === "DELETING" };
      },
      async remove({ client }, { id: Name }) {
        const { ETag: IfMatch } = await client.send(new DescribeKeyValueStoreCommand({ Name }));
        await client.send(new DeleteKeyValueStoreCommand({ Name, IfMatch }));
      },
    },
    {
      id: "origin-access-control",
      after,
      async *list({ client }) {
        const all = pages(
          async (Marker) =>
            (await client.send(new ListOriginAccessControlsCommand({ Marker }))).OriginAccessControlList,
        );
        for await (const { Id = "" } of all) yield { id: Id };
      },
      async remove({ client }, { id: Id }) {
        const { ETag: IfMatch } = await client.send(new GetOriginAccessControlCommand({ Id }));
        await client.send(new DeleteOriginAccessControlCommand({ Id, IfMatch }));
      },
    },
    {
      id: "origin-access-identity",
      after,
      async *list({ client }) {
        const all = pages(
          async (Marker) =>
            (await client.send(new ListCloudFrontOriginAccessIdentitiesCommand({ Marker })))
              .CloudFrontOriginAccessIdentityList,
        );
        for await (const { Id = "" } of all) yield { id: Id };
      },
      async remove({ client }, { id: Id }) {
        const { ETag: IfMatch } = await client.send(new GetCloudFrontOriginAccessIdentityCommand({ Id }));
        await client.send(new DeleteCloudFrontOriginAccessIdentityCommand({ Id, IfMatch }));
      },
    },
    {
      // Its network interfaces stand in the VPC.
      id: "vpc-origin",
      after,
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client, accountId }) {
        const all = pages(async (Marker) => (await client.send(new ListVpcOriginsCommand({ Marker }))).VpcOriginList);
        for await (const { Id = "", CreatedTime, Status, AccountId = accountId } of all) {
          const shared = AccountId === accountId ? undefined : `belongs to account ${AccountId}, which shares it`;
          yield { id: Id, createdAt: CreatedTime, going: Status === "Deleting", protected: shared };
        }
      },
      async remove({ client }, { id: Id }) {
        const { ETag: IfMatch } = await client.send(new GetVpcOriginCommand({ Id }));
        await client.send(new DeleteVpcOriginCommand({ Id, IfMatch }));
      },
    },
    {
      id: "anycast-ip-list",
      after,
      async *list({ client }) {
        const all = pages(
          async (Marker) => (await client.send(new ListAnycastIpListsCommand({ Marker }))).AnycastIpLists,
        );
        for await (const { Id = "" } of all) yield { id: Id };
      },
      async remove({ client }, { id: Id }) {
        const { ETag: IfMatch } = await client.send(new GetAnycastIpListCommand({ Id }));
        await client.send(new DeleteAnycastIpListCommand({ Id, IfMatch }));
      },
    },
    {
      id: "cache-policy",
      after,
      async *list({ client }) {
        const all = pages(
          async (Marker) =>
            (await client.send(new ListCachePoliciesCommand({ Type: "custom", Marker }))).CachePolicyList,
        );
        for await (const { CachePolicy } of all) yield { id: CachePolicy?.Id ?? "" };
      },
      async remove({ client }, { id: Id }) {
        const { ETag: IfMatch } = await client.send(new GetCachePolicyCommand({ Id }));
        await client.send(new DeleteCachePolicyCommand({ Id, IfMatch }));
      },
    },
    {
      id: "origin-request-policy",
      after,
      async *list({ client }) {
        const all = pages(
          async (Marker) =>
            (await client.send(new ListOriginRequestPoliciesCommand({ Type: "custom", Marker })))
              .OriginRequestPolicyList,
        );
        for await (const { OriginRequestPolicy } of all) yield { id: OriginRequestPolicy?.Id ?? "" };
      },
      async remove({ client }, { id: Id }) {
        const { ETag: IfMatch } = await client.send(new GetOriginRequestPolicyCommand({ Id }));
        await client.send(new DeleteOriginRequestPolicyCommand({ Id, IfMatch }));
      },
    },
    {
      id: "response-headers-policy",
      after,
      async *list({ client }) {
        const all = pages(
          async (Marker) =>
            (await client.send(new ListResponseHeadersPoliciesCommand({ Type: "custom", Marker })))
              .ResponseHeadersPolicyList,
        );
        for await (const { ResponseHeadersPolicy } of all) yield { id: ResponseHeadersPolicy?.Id ?? "" };
      },
      async remove({ client }, { id: Id }) {
        const { ETag: IfMatch } = await client.send(new GetResponseHeadersPolicyCommand({ Id }));
        await client.send(new DeleteResponseHeadersPolicyCommand({ Id, IfMatch }));
      },
    },
    {
      id: "realtime-log-config",
      after,
      async *list({ client }) {
        const all = pages(
          async (Marker) => (await client.send(new ListRealtimeLogConfigsCommand({ Marker }))).RealtimeLogConfigs,
        );
        for await (const { ARN = "" } of all) yield { id: ARN };
      },
      remove: ({ client }, { id }) => client.send(new DeleteRealtimeLogConfigCommand({ ARN: id })),
    },
    {
      id: "key-group",
      after,
      async *list({ client }) {
        const all = pages(async (Marker) => (await client.send(new ListKeyGroupsCommand({ Marker }))).KeyGroupList);
        for await (const { KeyGroup } of all) yield { id: KeyGroup?.Id ?? "" };
      },
      async remove({ client }, { id: Id }) {
        const { ETag: IfMatch } = await client.send(new GetKeyGroupCommand({ Id }));
        await client.send(new DeleteKeyGroupCommand({ Id, IfMatch }));
      },
    },
    {
      id: "public-key",
      after: ["cloudfront/key-group"],
      async *list({ client }) {
        const all = pages(async (Marker) => (await client.send(new ListPublicKeysCommand({ Marker }))).PublicKeyList);
        for await (const { Id = "", CreatedTime } of all) yield { id: Id, createdAt: CreatedTime };
      },
      async remove({ client }, { id: Id }) {
        const { ETag: IfMatch } = await client.send(new GetPublicKeyCommand({ Id }));
        await client.send(new DeletePublicKeyCommand({ Id, IfMatch }));
      },
    },
  ],
});

/** Everything of a list: the SDK has paginators for some of CloudFront's alone. A list without an answer is no empty list. */
async function* pages<T>(
  ask: (marker: string | undefined) => Promise<{ Items?: T[]; NextMarker?: string } | undefined>,
): AsyncGenerator<T> {
  for (let marker: string | undefined; ; ) {
    const page = await ask(marker);
    if (!page) throw new Error("CloudFront answered without a list");
    yield* page.Items ?? [];
    if (!page.NextMarker) return;
    marker = page.NextMarker;
  }
}
