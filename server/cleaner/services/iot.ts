import {
  ClearDefaultAuthorizerCommand,
  DeleteAuthorizerCommand,
  DeleteCACertificateCommand,
  DeleteCertificateCommand,
  DeleteDomainConfigurationCommand,
  DeleteDynamicThingGroupCommand,
  DeleteJobCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteProvisioningTemplateCommand,
  DeleteRoleAliasCommand,
  DeleteThingCommand,
  DeleteThingGroupCommand,
  DeleteThingTypeCommand,
  DeleteTopicRuleCommand,
  DeleteTopicRuleDestinationCommand,
  DeprecateThingTypeCommand,
  DescribeThingGroupCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  IoTClient,
  ListPolicyVersionsCommand,
  paginateListAttachedPolicies,
  paginateListAuthorizers,
  paginateListCACertificates,
  paginateListCertificates,
  paginateListDomainConfigurations,
  paginateListJobs,
  paginateListPolicies,
  paginateListPrincipalThings,
  paginateListProvisioningTemplates,
  paginateListRoleAliases,
  paginateListTargetsForPolicy,
  paginateListThingGroups,
  paginateListThingPrincipals,
  paginateListThings,
  paginateListThingTypes,
  paginateListTopicRuleDestinations,
  paginateListTopicRules,
  UpdateAuthorizerCommand,
  UpdateCACertificateCommand,
  UpdateCertificateCommand,
  UpdateDomainConfigurationCommand,
} from "@aws-sdk/client-iot";
import { defineService } from "@/server/cleaner/define";

const isNamed = (error: unknown, name: string): error is Error => error instanceof Error && error.name === name;

/**
 * What is attached goes off first: things from certificates, policies from both.
 * https://docs.aws.amazon.com/iot/latest/apireference/API_DeleteCertificate.html
 */
export const service = defineService({
  id: "iot",
  title: "AWS IoT Core",
  scope: "regional",
  client: (options) => new IoTClient(options),
  types: [
    {
      id: "topic-rule",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateListTopicRules({ client }, {})) {
          for (const { ruleName: id = "", createdAt } of page.rules ?? []) yield { id, createdAt };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteTopicRuleCommand({ ruleName: id })),
    },
    {
      id: "topic-rule-destination",
      after: ["iot/topic-rule"],
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateListTopicRuleDestinations({ client }, {})) {
          for (const { arn: id = "", status, createdAt, vpcDestinationSummary } of page.destinationSummaries ?? []) {
            const { subnetIds = [], securityGroups = [] } = vpcDestinationSummary ?? {};
            yield { id, createdAt, going: status === "DELETING", refs: [...subnetIds, ...securityGroups] };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteTopicRuleDestinationCommand({ arn: id })),
    },
    {
      id: "job",
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateListJobs({ client }, {})) {
          for (const { jobId: id = "", status, createdAt } of page.jobs ?? []) {
            yield { id, createdAt, going: status === "DELETION_IN_PROGRESS" };
          }
        }
      },
      async remove({ client }, { id }) {
        try {
          await client.send(new DeleteJobCommand({ jobId: id, force: true }));
        } catch (error) {
          if (!isNamed(error, "LimitExceededException")) throw error;
          throw new Error("Ten jobs are still being deleted, which is as many as AWS deletes at a time");
        }
      },
    },
    {
      id: "thing",
      async *list({ client }) {
        for await (const page of paginateListThings({ client, pageSize: 250 }, {})) {
          for (const { thingName: id = "" } of page.things ?? []) yield { id };
        }
      },
      async prepare({ client }, { id: thingName }) {
        for await (const page of paginateListThingPrincipals({ client }, { thingName })) {
          for (const principal of page.principals ?? []) {
            await client.send(new DetachThingPrincipalCommand({ thingName, principal }));
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteThingCommand({ thingName: id })),
    },
    {
      // One with groups inside is refused until these are gone.
      id: "thing-group",
      async *list({ client }) {
        for await (const page of paginateListThingGroups({ client, pageSize: 250 }, {})) {
          for (const { groupName: id = "" } of page.thingGroups ?? []) yield { id };
        }
      },
      async remove({ client }, { id: thingGroupName }) {
        const { queryString } = await client.send(new DescribeThingGroupCommand({ thingGroupName }));
        await (queryString
          ? client.send(new DeleteDynamicThingGroupCommand({ thingGroupName }))
          : client.send(new DeleteThingGroupCommand({ thingGroupName })));
      },
    },
    {
      // Only five minutes after it was deprecated.
      // https://docs.aws.amazon.com/iot/latest/developerguide/delete-thing-types.html
      id: "thing-type",
      after: ["iot/thing"],
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListThingTypes({ client }, {})) {
          for (const { thingTypeName: id = "", thingTypeMetadata } of page.thingTypes ?? []) {
            const data = { deprecated: thingTypeMetadata?.deprecated ? "yes" : "" };
            yield { id, createdAt: thingTypeMetadata?.creationDate, data };
          }
        }
      },
      async remove({ client }, { id: thingTypeName, data }) {
        try {
          await client.send(new DeleteThingTypeCommand({ thingTypeName }));
        } catch (error) {
          if (!isNamed(error, "InvalidRequestException")) throw error;
          // Again on each try: it does not move the date.
          if (!data?.deprecated) await client.send(new DeprecateThingTypeCommand({ thingTypeName }));
          throw new Error(`The type is still within five minutes of its deprecation, or used: ${error.message}`);
        }
      },
    },
    {
      id: "certificate",
      async *list({ client }) {
        for await (const page of paginateListCertificates({ client, pageSize: 250 }, {})) {
          for (const { certificateId: id = "", certificateArn = "", creationDate } of page.certificates ?? []) {
            yield { id, createdAt: creationDate, data: { arn: certificateArn } };
          }
        }
      },
      async prepare({ client }, { id: certificateId, data }) {
        const arn = data?.arn;
        // First of all it can connect no more.
        await client.send(new UpdateCertificateCommand({ certificateId, newStatus: "INACTIVE" }));
        for await (const page of paginateListAttachedPolicies({ client }, { target: arn })) {
          for (const { policyName } of page.policies ?? []) {
            await client.send(new DetachPolicyCommand({ policyName, target: arn }));
          }
        }
        for await (const page of paginateListPrincipalThings({ client }, { principal: arn })) {
          for (const thingName of page.things ?? []) {
            await client.send(new DetachThingPrincipalCommand({ thingName, principal: arn }));
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteCertificateCommand({ certificateId: id, forceDelete: true })),
    },
    {
      id: "ca-certificate",
      after: ["iot/certificate"],
      async *list({ client }) {
        for await (const page of paginateListCACertificates({ client, pageSize: 250 }, {})) {
          for (const { certificateId: id = "", creationDate } of page.certificates ?? []) {
            yield { id, createdAt: creationDate };
          }
        }
      },
      prepare: ({ client }, { id }) =>
        client.send(
          new UpdateCACertificateCommand({
            certificateId: id,
            newStatus: "INACTIVE",
            newAutoRegistrationStatus: "DISABLE",
          }),
        ),
      remove: ({ client }, { id }) => client.send(new DeleteCACertificateCommand({ certificateId: id })),
    },
    {
      // AWS takes up to five minutes to see that nothing is attached any more.
      // https://docs.aws.amazon.com/iot/latest/apireference/API_DeletePolicy.html
      id: "policy",
      after: ["iot/certificate", "iot/thing-group"],
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListPolicies({ client, pageSize: 250 }, {})) {
          for (const { policyName: id = "" } of page.policies ?? []) yield { id };
        }
      },
      async prepare({ client }, { id: policyName }) {
        for await (const page of paginateListTargetsForPolicy({ client, pageSize: 250 }, { policyName })) {
          for (const target of page.targets ?? []) {
            await client.send(new DetachPolicyCommand({ policyName, target }));
          }
        }
        const { policyVersions = [] } = await client.send(new ListPolicyVersionsCommand({ policyName }));
        for (const { versionId, isDefaultVersion } of policyVersions) {
          if (!isDefaultVersion) {
            await client.send(new DeletePolicyVersionCommand({ policyName, policyVersionId: versionId }));
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeletePolicyCommand({ policyName: id })),
    },
    {
      id: "role-alias",
      after: ["iot/policy"],
      async *list({ client }) {
        for await (const page of paginateListRoleAliases({ client }, {})) {
          for (const id of page.roleAliases ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteRoleAliasCommand({ roleAlias: id })),
    },
    {
      id: "provisioning-template",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateListProvisioningTemplates({ client }, {})) {
          for (const { templateName: id = "", creationDate } of page.templates ?? []) {
            yield { id, createdAt: creationDate };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteProvisioningTemplateCommand({ templateName: id })),
    },
    {
      id: "domain-configuration",
      async *list({ client }) {
        for await (const page of paginateListDomainConfigurations({ client }, {})) {
          for (const { domainConfigurationName: id = "" } of page.domainConfigurations ?? []) {
            yield { id, protected: id.startsWith("iot:") ? "AWS's own endpoint" : undefined };
          }
        }
      },
      prepare: ({ client }, { id }) =>
        client.send(
          new UpdateDomainConfigurationCommand({
            domainConfigurationName: id,
            domainConfigurationStatus: "DISABLED",
          }),
        ),
      remove: ({ client }, { id }) =>
        client.send(new DeleteDomainConfigurationCommand({ domainConfigurationName: id })),
    },
    {
      id: "authorizer",
      after: ["iot/domain-configuration"],
      async *list({ client }) {
        for await (const page of paginateListAuthorizers({ client }, {})) {
          for (const { authorizerName: id = "" } of page.authorizers ?? []) yield { id };
        }
      },
      async remove({ client }, { id: authorizerName }) {
        await client.send(new UpdateAuthorizerCommand({ authorizerName, status: "INACTIVE" }));
        try {
          await client.send(new DeleteAuthorizerCommand({ authorizerName }));
        } catch (error) {
          if (!isNamed(error, "DeleteConflictException")) throw error;
          await client.send(new ClearDefaultAuthorizerCommand({}));
          throw error;
        }
      },
    },
  ],
});
