import {
  DeleteDetectorCommand,
  DeleteMalwareProtectionPlanCommand,
  DisassociateFromAdministratorAccountCommand,
  GetAdministratorAccountCommand,
  GuardDutyClient,
  ListMalwareProtectionPlansCommand,
  paginateListDetectors,
} from "@aws-sdk/client-guardduty";
import { defineService } from "@/server/cleaner/define";

/**
 * What is enabled is the detector: its removal ends GuardDuty in the region, and takes findings, filters, lists and exports
 * along. Where the Organization's administrator runs it, AWS refuses both leaving and removing:
 * https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DisassociateFromAdministratorAccount.html
 */
export const service = defineService({
  id: "guardduty",
  title: "Amazon GuardDuty",
  scope: "regional",
  client: (options) => new GuardDutyClient(options),
  types: [
    {
      id: "detector",
      async *list({ client }) {
        for await (const page of paginateListDetectors({ client }, {})) {
          for (const id of page.DetectorIds ?? []) {
            const { Administrator } = await client.send(new GetAdministratorAccountCommand({ DetectorId: id }));
            const { AccountId = "", InvitationId = "" } = Administrator ?? {};
            // Who was invited may leave; members of the Organization have an administrator without an invitation.
            const managed = AccountId && !InvitationId;
            yield {
              id,
              protected: managed ? `run by the Organization's administrator for GuardDuty, ${AccountId}` : undefined,
              data: { invitedBy: AccountId },
            };
          }
        }
      },
      async remove({ client }, { id: DetectorId, data }) {
        try {
          if (data?.invitedBy) await client.send(new DisassociateFromAdministratorAccountCommand({ DetectorId }));
          await client.send(new DeleteDetectorCommand({ DetectorId }));
        } catch (error) {
          if (!isMissingDetector(error)) throw error;
        }
      },
    },
    {
      id: "malware-protection-plan",
      async *list({ client }) {
        for (let NextToken: string | undefined; ; ) {
          const page = await client.send(new ListMalwareProtectionPlansCommand({ NextToken }));
          for (const { MalwareProtectionPlanId: id = "" } of page.MalwareProtectionPlans ?? []) yield { id };
          NextToken = page.NextToken;
          if (!NextToken) return;
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteMalwareProtectionPlanCommand({ MalwareProtectionPlanId: id })),
    },
  ],
});

/** "The request is rejected because the input detectorId is not owned by the current account." */
function isMissingDetector(error: unknown): boolean {
  return (
    error instanceof Error && error.name === "BadRequestException" && /detectorId is not owned/.test(error.message)
  );
}
