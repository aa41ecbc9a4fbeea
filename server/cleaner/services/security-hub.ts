import {
  DescribeHubCommand,
  DescribeSecurityHubV2Command,
  DisableSecurityHubCommand,
  DisableSecurityHubV2Command,
  DisassociateFromAdministratorAccountCommand,
  GetAdministratorAccountCommand,
  SecurityHubClient,
} from "@aws-sdk/client-securityhub";
import { defineService } from "@/server/cleaner/define";

/**
 * What is enabled is the hub: disabling it takes standards, findings, insights and rules along. There are two of them, apart
 * from each other: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeSecurityHubV2.html
 */
export const service = defineService({
  id: "security-hub",
  title: "AWS Security Hub",
  scope: "regional",
  client: (options) => new SecurityHubClient(options),
  types: [
    {
      id: "hub",
      async *list({ client }) {
        const { HubArn = "", SubscribedAt } = await client.send(new DescribeHubCommand({}));
        const { Administrator } = await client.send(new GetAdministratorAccountCommand({}));
        const { AccountId = "", InvitationId = "" } = Administrator ?? {};
        // Who was invited may leave; members of the Organization have an administrator without an invitation.
        const managed = AccountId && !InvitationId;
        yield {
          id: HubArn,
          createdAt: SubscribedAt ? new Date(SubscribedAt) : undefined,
          protected: managed ? `run by the Organization's administrator for Security Hub, ${AccountId}` : undefined,
          data: { invitedBy: AccountId },
        };
      },
      async remove({ client }, { data }) {
        try {
          if (data?.invitedBy) await client.send(new DisassociateFromAdministratorAccountCommand({}));
          await client.send(new DisableSecurityHubCommand({}));
        } catch (error) {
          if (!isNotEnabled(error)) throw error;
        }
      },
      unavailable: (error) => (isNotEnabled(error) ? "Security Hub CSPM is not enabled here" : undefined),
    },
    {
      id: "hub-v2",
      async *list({ client }) {
        const { HubV2Arn: id } = await client.send(new DescribeSecurityHubV2Command({}));
        if (id) yield { id };
      },
      remove: ({ client }) => client.send(new DisableSecurityHubV2Command({})),
      // Its only reason: the operation names no resource but the hub itself.
      unavailable: (error) =>
        error.name === "ResourceNotFoundException" ? "Security Hub is not enabled here" : undefined,
    },
  ],
});

/** The name alone also stands for missing rights: "Account 123456789012 is not subscribed to AWS Security Hub". */
function isNotEnabled(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === "InvalidAccessException" &&
    /is not subscribed to AWS Security Hub/.test(error.message)
  );
}
