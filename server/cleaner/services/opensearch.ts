import {
  DeleteApplicationCommand,
  DeleteDomainCommand,
  DeleteInboundConnectionCommand,
  DeleteOutboundConnectionCommand,
  DeletePackageCommand,
  DeleteVpcEndpointCommand,
  DescribeDomainsCommand,
  ListDomainNamesCommand,
  ListVpcEndpointsCommand,
  OpenSearchClient,
  paginateDescribeInboundConnections,
  paginateDescribeOutboundConnections,
  paginateDescribePackages,
  paginateListApplications,
} from "@aws-sdk/client-opensearch";
import { defineService } from "@/server/cleaner/define";

/** https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_ListVpcEndpoints.html ("DisabledOperationException") */
const unavailable = (error: Error) =>
  error.name === "DisabledOperationException" ? "the operation is not supported in this region" : undefined;

/** Domains of OpenSearch and Elasticsearch. Manual snapshots are objects in buckets, automated ones go with the domain. */
export const service = defineService({
  id: "opensearch",
  title: "Amazon OpenSearch Service",
  scope: "regional",
  client: (options) => new OpenSearchClient(options),
  types: [
    {
      id: "outbound-connection",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateDescribeOutboundConnections({ client }, {})) {
          for (const { ConnectionId, ConnectionStatus } of page.Connections ?? []) {
            const state = ConnectionStatus?.StatusCode;
            if (state !== "DELETED") yield { id: ConnectionId ?? "", going: state === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteOutboundConnectionCommand({ ConnectionId: id })),
      unavailable,
    },
    {
      id: "inbound-connection",
      after: ["opensearch/outbound-connection"],
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateDescribeInboundConnections({ client }, {})) {
          for (const { ConnectionId, ConnectionStatus } of page.Connections ?? []) {
            const state = ConnectionStatus?.StatusCode;
            if (state !== "DELETED") yield { id: ConnectionId ?? "", going: state === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteInboundConnectionCommand({ ConnectionId: id })),
      unavailable,
    },
    {
      id: "vpc-endpoint",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for (let NextToken: string | undefined; ; ) {
          const page = await client.send(new ListVpcEndpointsCommand({ NextToken }));
          for (const { VpcEndpointId, Status } of page.VpcEndpointSummaryList ?? []) {
            yield { id: VpcEndpointId ?? "", going: Status === "DELETING" };
          }
          NextToken = page.NextToken;
          if (!NextToken) return;
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteVpcEndpointCommand({ VpcEndpointId: id })),
      unavailable,
    },
    {
      id: "domain",
      after: ["opensearch/outbound-connection", "opensearch/inbound-connection", "opensearch/vpc-endpoint"],
      gone: "listed",
      deadlineSeconds: 2_400,
      async *list({ client }) {
        // AWS answers with all names at once, and describes five domains in one call.
        const { DomainNames = [] } = await client.send(new ListDomainNamesCommand({}));
        for (let from = 0; from < DomainNames.length; from += 5) {
          const names = DomainNames.slice(from, from + 5).flatMap((one) => one.DomainName ?? []);
          const described = await client.send(new DescribeDomainsCommand({ DomainNames: names }));
          for (const id of names) {
            const one = described.DomainStatusList?.find((domain) => domain.DomainName === id);
            const refs = [...(one?.VPCOptions?.SubnetIds ?? []), ...(one?.VPCOptions?.SecurityGroupIds ?? [])];
            // Until it is no longer named, it is being deleted.
            yield { id, going: one?.Deleted === true, refs };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDomainCommand({ DomainName: id })),
    },
    {
      id: "package",
      after: ["opensearch/domain"],
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client, accountId }) {
        for await (const page of paginateDescribePackages({ client }, {})) {
          for (const { PackageID = "", PackageStatus, PackageOwner } of page.PackageDetailsList ?? []) {
            if (PackageStatus === "DELETED") continue;
            const foreign = PackageOwner !== undefined && PackageOwner !== accountId;
            // https://docs.aws.amazon.com/opensearch-service/latest/developerguide/custom-packages.html: "F…" are custom.
            const kept = foreign
              ? `owned by ${PackageOwner}`
              : /^G\d+$/.test(PackageID)
                ? "AWS's own plugin"
                : undefined;
            yield { id: PackageID, going: PackageStatus === "DELETING", protected: kept };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeletePackageCommand({ PackageID: id })),
    },
    {
      id: "application",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListApplications({ client }, {})) {
          for (const { id = "", status, createdAt } of page.ApplicationSummaries ?? []) {
            yield { id, createdAt, going: status === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteApplicationCommand({ id })),
      unavailable,
    },
  ],
});
