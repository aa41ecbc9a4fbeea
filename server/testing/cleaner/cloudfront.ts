import * as sdk from "@aws-sdk/client-cloudfront";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble, type Shape } from "@/server/testing/double";

/** What most of CloudFront is: listed under `items`, as itself or inside a member; read for its ETag, and removed. */
function simple(parts: {
  what: string;
  list: string;
  items: string;
  missing: string;
  inside?: string;
  read?: string;
  key?: string;
}): DoubleKind {
  const { what, list, items, missing, inside, read = `Get${what}`, key = "Id" } = parts;
  const [head] = items.split(".");
  return {
    key,
    list: {
      operation: list,
      items,
      token: ["Marker", items.includes(".") ? `${head}.NextMarker` : "NextMarker"],
      as: (item) => (inside ? { [inside]: { Id: item.Id } } : item),
    },
    read: { [read]: key },
    remove: { operation: `Delete${what}`, key, missing },
    make: (n) => ({ [key]: `${what}-${n}`, ETag: `E${n}` }),
  };
}

const distribution: DoubleKind = {
  key: "Id",
  list: {
    operation: "ListDistributions",
    items: "DistributionList.Items",
    token: ["Marker", "DistributionList.NextMarker"],
  },
  remove: {
    operation: "DeleteDistribution",
    key: "Id",
    missing: "NoSuchDistribution",
    refuses: ({ Enabled }) => (Enabled ? new DoubleError("DistributionNotDisabled", 409) : undefined),
  },
  make: (n) => ({ Id: `EDFDVBD6EXAMPL${n}`, Enabled: true, Status: "Deployed", WebACLId: "" }),
};

const policy = (what: string, plural: string): DoubleKind =>
  simple({
    what,
    list: `List${plural}`,
    items: `${what}List.Items`,
    inside: what,
    missing: `NoSuch${what}`,
  });

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.CloudFrontClient,
    global: true,
    kinds: {
      "distribution-tenant": {
        key: "Id",
        list: {
          operation: "ListDistributionTenants",
          items: "DistributionTenantList",
          token: ["Marker", "NextMarker"],
        },
        remove: {
          operation: "DeleteDistributionTenant",
          key: "Id",
          missing: "EntityNotFound",
          refuses: ({ Enabled }) => (Enabled ? new DoubleError("ResourceNotDisabled", 409) : undefined),
        },
        make: (n) => ({ Id: `dt_${n}`, DistributionId: "EDFDVBD6EXAMPL0", Enabled: true, Status: "Deployed" }),
      },
      distribution,
      "continuous-deployment-policy": policy("ContinuousDeploymentPolicy", "ContinuousDeploymentPolicies"),
      function: simple({
        what: "Function",
        list: "ListFunctions",
        items: "FunctionList.Items",
        missing: "NoSuchFunctionExists",
        read: "DescribeFunction",
        key: "Name",
      }),
      "key-value-store": simple({
        what: "KeyValueStore",
        list: "ListKeyValueStores",
        items: "KeyValueStoreList.Items",
        missing: "EntityNotFound",
        read: "DescribeKeyValueStore",
        key: "Name",
      }),
      "origin-access-control": simple({
        what: "OriginAccessControl",
        list: "ListOriginAccessControls",
        items: "OriginAccessControlList.Items",
        missing: "NoSuchOriginAccessControl",
      }),
      "origin-access-identity": simple({
        what: "CloudFrontOriginAccessIdentity",
        list: "ListCloudFrontOriginAccessIdentities",
        items: "CloudFrontOriginAccessIdentityList.Items",
        missing: "NoSuchCloudFrontOriginAccessIdentity",
      }),
      "vpc-origin": simple({
        what: "VpcOrigin",
        list: "ListVpcOrigins",
        items: "VpcOriginList.Items",
        missing: "EntityNotFound",
      }),
      "anycast-ip-list": simple({
        what: "AnycastIpList",
        list: "ListAnycastIpLists",
        items: "AnycastIpLists.Items",
        missing: "EntityNotFound",
      }),
      "cache-policy": policy("CachePolicy", "CachePolicies"),
      "origin-request-policy": policy("OriginRequestPolicy", "OriginRequestPolicies"),
      "response-headers-policy": policy("ResponseHeadersPolicy", "ResponseHeadersPolicies"),
      "realtime-log-config": {
        ...simple({
          what: "RealtimeLogConfig",
          list: "ListRealtimeLogConfigs",
          items: "RealtimeLogConfigs.Items",
          missing: "NoSuchRealtimeLogConfig",
          key: "ARN",
        }),
        read: undefined,
      },
      "key-group": {
        ...simple({
          what: "KeyGroup",
          list: "ListKeyGroups",
          items: "KeyGroupList.Items",
          inside: "KeyGroup",
          missing: "NoSuchResource",
        }),
      },
      "public-key": simple({
        what: "PublicKey",
        list: "ListPublicKeys",
        items: "PublicKeyList.Items",
        missing: "NoSuchPublicKey",
      }),
    },
    answers: {
      GetDistribution: (store, { Id }) => {
        const found = store.get("distribution", String(Id));
        if (!found) throw new DoubleError("NoSuchDistribution", 404);
        const Distribution: Shape = { Id, Status: found.Status, DistributionConfig: { Enabled: found.Enabled } };
        return { ETag: "E1", Distribution };
      },
      // Only ever called to disable.
      UpdateDistribution: (store, { Id }) => {
        const found = store.get("distribution", String(Id));
        if (!found) throw new DoubleError("NoSuchDistribution", 404);
        found.Enabled = false;
      },
      GetDistributionTenant: (store, { Identifier }) => {
        const found = store.get("distribution-tenant", String(Identifier));
        if (!found) throw new DoubleError("EntityNotFound", 404);
        return { ETag: "E1", DistributionTenant: found };
      },
      UpdateDistributionTenant: (store, { Id }) => {
        const found = store.get("distribution-tenant", String(Id));
        if (!found) throw new DoubleError("EntityNotFound", 404);
        found.Enabled = false;
      },
    },
  }),
};
