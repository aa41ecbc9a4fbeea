import {
  DisableMacieCommand,
  DisassociateFromAdministratorAccountCommand,
  GetAdministratorAccountCommand,
  GetMacieSessionCommand,
  Macie2Client,
} from "@aws-sdk/client-macie2";
import { defineService } from "@/server/cleaner/define";

/**
 * What is enabled is the session. Disabling it deletes findings, jobs, lists and settings; a paused one keeps them, so it has
 * to go too: https://docs.aws.amazon.com/macie/latest/user/macie-disable.html
 */
export const service = defineService({
  id: "macie",
  title: "Amazon Macie",
  scope: "regional",
  client: (options) => new Macie2Client(options),
  types: [
    {
      id: "session",
      async *list({ client }) {
        const { createdAt } = await client.send(new GetMacieSessionCommand({}));
        const { administrator } = await client.send(new GetAdministratorAccountCommand({}));
        const { accountId = "", invitationId = "" } = administrator ?? {};
        // Who was invited may leave; members of the Organization have an administrator without an invitation.
        const managed = accountId && !invitationId;
        yield {
          id: "session",
          createdAt,
          protected: managed ? `run by the Organization's administrator for Macie, ${accountId}` : undefined,
          data: { invitedBy: accountId },
        };
      },
      async remove({ client }, { data }) {
        try {
          if (data?.invitedBy) await client.send(new DisassociateFromAdministratorAccountCommand({}));
          await client.send(new DisableMacieCommand({}));
        } catch (error) {
          if (!isNotEnabled(error)) throw error;
        }
      },
      unavailable: (error) => (isNotEnabled(error) ? "Macie is not enabled here" : undefined),
    },
  ],
});

/** AWS's words for it; by its name alone the error is one of missing rights, which is never "empty". */
function isNotEnabled(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === "AccessDeniedException" &&
    /^Macie is not enabled\.?$/.test(error.message.trim())
  );
}
