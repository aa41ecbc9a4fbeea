import * as sdk from "@aws-sdk/client-opensearch";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble } from "@/server/testing/double";

const token = ["NextToken", "NextToken"] as const;
const missing = "ResourceNotFoundException";
const missingStatus = 409;

function connection(direction: "Inbound" | "Outbound"): DoubleKind {
  return {
    key: "ConnectionId",
    list: { operation: `Describe${direction}Connections`, items: "Connections", token },
    remove: {
      operation: `Delete${direction}Connection`,
      key: "ConnectionId",
      missing,
      missingStatus,
      leaves: { ConnectionStatus: { StatusCode: "DELETED" } },
    },
    make: (n) => ({ ConnectionId: `connection-${n}`, ConnectionStatus: { StatusCode: "ACTIVE" } }),
  };
}

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.OpenSearchClient,
    kinds: {
      "outbound-connection": connection("Outbound"),
      "inbound-connection": connection("Inbound"),
      "vpc-endpoint": {
        key: "VpcEndpointId",
        list: { operation: "ListVpcEndpoints", items: "VpcEndpointSummaryList", token },
        remove: {
          operation: "DeleteVpcEndpoint",
          key: "VpcEndpointId",
          missing,
          missingStatus,
          leaves: { Status: "DELETING" },
        },
        make: (n) => ({ VpcEndpointId: `aos-${n}`, Status: "ACTIVE" }),
      },
      domain: {
        key: "DomainName",
        list: {
          operation: "ListDomainNames",
          items: "DomainNames",
          as: ({ DomainName }) => ({ DomainName, EngineType: "OpenSearch" }),
        },
        remove: {
          operation: "DeleteDomain",
          key: "DomainName",
          missing,
          missingStatus,
          leaves: { Deleted: true },
        },
        make: (n) => ({
          DomainId: `1/search-${n}`,
          DomainName: `search-${n}`,
          ARN: `arn:aws:es:eu-west-1:123456789012:domain/search-${n}`,
          ClusterConfig: {},
          VPCOptions: { SubnetIds: ["subnet-1"], SecurityGroupIds: ["sg-1"] },
        }),
        count: 7,
      },
      package: {
        key: "PackageID",
        list: { operation: "DescribePackages", items: "PackageDetailsList", token },
        remove: {
          operation: "DeletePackage",
          key: "PackageID",
          missing,
          missingStatus,
          refuses: (_, store) =>
            store.all("domain").length > 0
              ? new DoubleError("ConflictException", 409, "The package is associated with a domain")
              : undefined,
          leaves: { PackageStatus: "DELETED" },
        },
        make: (n) => ({ PackageID: `F${n}`, PackageType: "TXT-DICTIONARY", PackageStatus: "AVAILABLE" }),
      },
      application: {
        key: "id",
        list: { operation: "ListApplications", items: "ApplicationSummaries", token: ["nextToken", "nextToken"] },
        remove: {
          operation: "DeleteApplication",
          key: "id",
          missing,
          missingStatus,
          leaves: { status: "DELETING" },
        },
        make: (n) => ({ id: `app${n}`, name: `boards-${n}`, status: "ACTIVE", createdAt: new Date(0) }),
      },
    },
    answers: {
      DescribeDomains: (store, { DomainNames }) => ({
        DomainStatusList: (DomainNames as string[]).flatMap((name) => store.get("domain", name) ?? []),
      }),
    },
  }),
};
