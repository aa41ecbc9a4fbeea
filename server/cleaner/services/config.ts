import {
  ConfigServiceClient,
  DeleteAggregationAuthorizationCommand,
  DeleteConfigRuleCommand,
  DeleteConfigurationAggregatorCommand,
  DeleteConfigurationRecorderCommand,
  DeleteConformancePackCommand,
  DeleteDeliveryChannelCommand,
  DeleteRemediationConfigurationCommand,
  DeleteServiceLinkedConfigurationRecorderCommand,
  DescribeDeliveryChannelsCommand,
  PutRetentionConfigurationCommand,
  paginateDescribeAggregationAuthorizations,
  paginateDescribeConfigRules,
  paginateDescribeConfigurationAggregators,
  paginateDescribeConformancePacks,
  paginateDescribeRetentionConfigurations,
  paginateListConfigurationRecorders,
  StopConfigurationRecorderCommand,
} from "@aws-sdk/client-config-service";
import { defineService } from "@/server/cleaner/define";

/** The least that AWS Config takes: https://docs.aws.amazon.com/config/latest/APIReference/API_RetentionConfiguration.html */
const shortestRetentionDays = 30;

const ofOrganization = "deployed by the Organization";

export const service = defineService({
  id: "config",
  title: "AWS Config",
  scope: "regional",
  client: (options) => new ConfigServiceClient(options),
  types: [
    {
      id: "conformance-pack",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateDescribeConformancePacks({ client }, {})) {
          for (const { ConformancePackName: id = "", CreatedBy } of page.ConformancePackDetails ?? []) {
            yield { id, protected: isOfOrganization(id, CreatedBy) ? ofOrganization : undefined };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteConformancePackCommand({ ConformancePackName: id })),
    },
    {
      id: "rule",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        let kept: readonly string[] | undefined;
        for await (const page of paginateDescribeConfigRules({ client }, {})) {
          for (const { ConfigRuleName: id = "", ConfigRuleState, CreatedBy } of page.ConfigRules ?? []) {
            if (CreatedBy) kept ??= await organizationPacks(client);
            const stays = isOfOrganization(id, CreatedBy) || kept?.some((pack) => id.endsWith(`-${pack}`));
            yield {
              id,
              // One that a service made goes with what made it: a conformance pack, Security Hub.
              going: CreatedBy !== undefined || ConfigRuleState === "DELETING",
              protected: stays ? ofOrganization : undefined,
            };
          }
        }
      },
      async prepare({ client }, { id }) {
        await client.send(new DeleteRemediationConfigurationCommand({ ConfigRuleName: id }));
      },
      remove: ({ client }, { id }) => client.send(new DeleteConfigRuleCommand({ ConfigRuleName: id })),
    },
    {
      id: "recorder",
      after: ["config/rule", "config/conformance-pack", "security-hub/hub", "security-hub/hub-v2"],
      async *list({ client }) {
        for await (const page of paginateListConfigurationRecorders({ client }, {})) {
          for (const { name: id = "", servicePrincipal = "" } of page.ConfigurationRecorderSummaries ?? []) {
            yield { id, data: { servicePrincipal } };
          }
        }
      },
      async prepare({ client }, { id, data }) {
        // What was recorded cannot be deleted, only made to last less than the seven years of the default.
        const retention = { RetentionPeriodInDays: shortestRetentionDays };
        await client.send(new PutRetentionConfigurationCommand(retention));
        if (data?.servicePrincipal) return;
        await client.send(new StopConfigurationRecorderCommand({ ConfigurationRecorderName: id }));
      },
      remove: ({ client }, { id, data }) =>
        data?.servicePrincipal
          ? client.send(
              new DeleteServiceLinkedConfigurationRecorderCommand({ ServicePrincipal: data.servicePrincipal }),
            )
          : client.send(new DeleteConfigurationRecorderCommand({ ConfigurationRecorderName: id })),
    },
    {
      id: "delivery-channel",
      after: ["config/recorder"],
      async *list({ client }) {
        const { DeliveryChannels = [] } = await client.send(new DescribeDeliveryChannelsCommand({}));
        for (const { name: id = "" } of DeliveryChannels) yield { id };
      },
      remove: ({ client }, { id }) => client.send(new DeleteDeliveryChannelCommand({ DeliveryChannelName: id })),
    },
    {
      id: "aggregator",
      async *list({ client }) {
        for await (const page of paginateDescribeConfigurationAggregators({ client }, {})) {
          for (const {
            ConfigurationAggregatorName: id = "",
            CreationTime,
            CreatedBy,
          } of page.ConfigurationAggregators ?? []) {
            yield { id, createdAt: CreationTime, going: CreatedBy !== undefined };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteConfigurationAggregatorCommand({ ConfigurationAggregatorName: id })),
    },
    {
      // Lets another account collect what is recorded here.
      id: "aggregation-authorization",
      async *list({ client }) {
        for await (const page of paginateDescribeAggregationAuthorizations({ client }, {})) {
          for (const { AuthorizedAccountId = "", AuthorizedAwsRegion = "" } of page.AggregationAuthorizations ?? []) {
            const data = { AuthorizedAccountId, AuthorizedAwsRegion };
            yield { id: `${AuthorizedAccountId} ${AuthorizedAwsRegion}`, data };
          }
        }
      },
      remove: ({ client }, { data }) =>
        client.send(
          new DeleteAggregationAuthorizationCommand({
            AuthorizedAccountId: data?.AuthorizedAccountId,
            AuthorizedAwsRegion: data?.AuthorizedAwsRegion,
          }),
        ),
    },
    {
      // A remain: where history was kept a retention stands, at the latest since the recorder was removed.
      id: "history",
      async *list({ client }) {
        for await (const page of paginateDescribeRetentionConfigurations({ client }, {})) {
          for (const { Name = "", RetentionPeriodInDays: days } of page.RetentionConfigurations ?? []) {
            const reason = `cannot be removed: AWS Config keeps what was recorded for ${days} days; the next holder can read it`;
            yield { id: `history (${Name})`, protected: reason };
          }
        }
      },
      remove: async () => {
        throw new Error("What AWS Config recorded cannot be removed");
      },
    },
  ],
});

/** Its rules and packs bear these names, and say that a service made them, which nobody else can make them say. */
function isOfOrganization(name: string, createdBy: string | undefined): boolean {
  if (createdBy === "config-multiaccountsetup.amazonaws.com") return true;
  return createdBy !== undefined && /^OrgConf(igRule|ormsPack)-/.test(name);
}

/** Ids of the Organization's packs: the rules of a pack end with them. */
async function organizationPacks(client: ConfigServiceClient): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of paginateDescribeConformancePacks({ client }, {})) {
    for (const { ConformancePackName: name = "", ConformancePackId, CreatedBy } of page.ConformancePackDetails ?? []) {
      if (ConformancePackId && isOfOrganization(name, CreatedBy)) ids.push(ConformancePackId);
    }
  }
  return ids;
}
