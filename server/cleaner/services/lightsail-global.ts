import {
  DeleteDistributionCommand,
  DeleteDomainCommand,
  GetDistributionsCommand,
  GetDomainsCommand,
  LightsailClient,
} from "@aws-sdk/client-lightsail";
import { defineService } from "@/server/cleaner/define";

/**
 * The part of Lightsail that answers in us-east-1 alone, for all regions.
 * https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_GetDistributions.html ("Domain and distribution APIs
 * are only available in the N. Virginia (us-east-1) AWS Region")
 */
export const service = defineService({
  id: "lightsail-global",
  title: "Amazon Lightsail distributions and domains",
  scope: "global",
  client: (options) => new LightsailClient(options),
  types: [
    {
      id: "distribution",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for (let pageToken: string | undefined; ; ) {
          const page = await client.send(new GetDistributionsCommand({ pageToken }));
          for (const { name = "", createdAt } of page.distributions ?? []) yield { id: name, createdAt };
          pageToken = page.nextPageToken;
          if (!pageToken) return;
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDistributionCommand({ distributionName: id })),
    },
    {
      id: "domain",
      async *list({ client }) {
        for (let pageToken: string | undefined; ; ) {
          const page = await client.send(new GetDomainsCommand({ pageToken }));
          for (const { name = "", createdAt } of page.domains ?? []) yield { id: name, createdAt };
          pageToken = page.nextPageToken;
          if (!pageToken) return;
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteDomainCommand({ domainName: id })),
    },
  ],
});
