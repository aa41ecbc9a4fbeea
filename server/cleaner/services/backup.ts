import {
  BackupClient,
  CancelLegalHoldCommand,
  DeleteBackupPlanCommand,
  DeleteBackupSelectionCommand,
  DeleteBackupVaultCommand,
  DeleteBackupVaultLockConfigurationCommand,
  DeleteFrameworkCommand,
  DeleteRecoveryPointCommand,
  DeleteReportPlanCommand,
  DeleteRestoreTestingPlanCommand,
  DeleteRestoreTestingSelectionCommand,
  DisassociateRecoveryPointFromParentCommand,
  PutBackupVaultAccessPolicyCommand,
  paginateListBackupPlans,
  paginateListBackupSelections,
  paginateListBackupVaults,
  paginateListFrameworks,
  paginateListLegalHolds,
  paginateListRecoveryPointsByBackupVault,
  paginateListReportPlans,
  paginateListRestoreTestingPlans,
  paginateListRestoreTestingSelections,
} from "@aws-sdk/client-backup";
import { defineService, type Place } from "@/server/cleaner/define";

/**
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/delete-a-vault.html: a vault goes when it is empty. The default vault
 * and what EFS made for its automatic backups ("aws/efs/…") stay, emptied. What a compliance lock or an air-gapped vault
 * holds cannot be removed before its time, and is reported as left.
 */
export const service = defineService({
  id: "backup",
  title: "AWS Backup",
  scope: "regional",
  client: (options) => new BackupClient(options),
  types: [
    {
      id: "plan",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateListBackupPlans({ client }, {})) {
          for (const { BackupPlanId: id = "", CreationDate } of page.BackupPlansList ?? []) {
            yield { id, createdAt: CreationDate, protected: whyPlanStays(id) };
          }
        }
      },
      async prepare({ client }, { id: BackupPlanId }) {
        for await (const page of paginateListBackupSelections({ client }, { BackupPlanId })) {
          for (const { SelectionId } of page.BackupSelectionsList ?? []) {
            await client.send(new DeleteBackupSelectionCommand({ BackupPlanId, SelectionId }));
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteBackupPlanCommand({ BackupPlanId: id })),
    },
    {
      id: "restore-testing-plan",
      stage: "first",
      async *list({ client }) {
        for await (const page of paginateListRestoreTestingPlans({ client }, {})) {
          for (const { RestoreTestingPlanName = "" } of page.RestoreTestingPlans ?? [])
            yield { id: RestoreTestingPlanName };
        }
      },
      async prepare({ client }, { id: RestoreTestingPlanName }) {
        for await (const page of paginateListRestoreTestingSelections({ client }, { RestoreTestingPlanName })) {
          for (const { RestoreTestingSelectionName } of page.RestoreTestingSelections ?? []) {
            const asked = { RestoreTestingPlanName, RestoreTestingSelectionName };
            await client.send(new DeleteRestoreTestingSelectionCommand(asked));
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteRestoreTestingPlanCommand({ RestoreTestingPlanName: id })),
    },
    {
      id: "legal-hold",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListLegalHolds({ client }, {})) {
          for (const { LegalHoldId, Status, CreationDate } of page.LegalHolds ?? []) {
            if (Status === "CANCELED") continue;
            yield { id: LegalHoldId ?? "", createdAt: CreationDate, going: Status === "CANCELING" };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new CancelLegalHoldCommand({ LegalHoldId: id, CancelDescription: "The account is emptied" })),
    },
    {
      id: "recovery-point",
      after: ["backup/legal-hold"],
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const { BackupVaultName, Locked } of vaults(client)) {
          for await (const page of paginateListRecoveryPointsByBackupVault({ client }, { BackupVaultName })) {
            for (const one of page.RecoveryPoints ?? []) {
              yield {
                id: one.RecoveryPointArn ?? "",
                createdAt: one.CreationDate,
                going: one.Status === "DELETING",
                data: {
                  vault: BackupVaultName ?? "",
                  locked: Locked ? "yes" : "",
                  nested: one.ParentRecoveryPointArn ? "yes" : "",
                },
              };
            }
          }
        }
      },
      async prepare({ client }, { id: RecoveryPointArn, data }) {
        if (!data?.nested) return;
        const asked = { BackupVaultName: data.vault, RecoveryPointArn };
        try {
          await client.send(new DisassociateRecoveryPointFromParentCommand(asked));
        } catch (error) {
          // No longer nested, if this is not the first try.
          if (!(error instanceof Error) || error.name !== "InvalidRequestException") throw error;
        }
      },
      remove: (place, { id, data }) =>
        opening(place, data, () =>
          place.client.send(new DeleteRecoveryPointCommand({ BackupVaultName: data?.vault, RecoveryPointArn: id })),
        ),
    },
    {
      id: "vault",
      after: ["backup/recovery-point", "backup/plan"],
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const { BackupVaultName: id = "", CreationDate, Locked } of vaults(client)) {
          const own = id === "Default" || id.startsWith("aws/efs/");
          yield {
            id,
            createdAt: CreationDate,
            protected: own ? "AWS's own vault, without its backups" : undefined,
            data: { vault: id, locked: Locked ? "yes" : "" },
          };
        }
      },
      remove: (place, { id, data }) =>
        opening(place, data, () => place.client.send(new DeleteBackupVaultCommand({ BackupVaultName: id }))),
    },
    {
      id: "report-plan",
      async *list({ client }) {
        for await (const page of paginateListReportPlans({ client }, {})) {
          for (const { ReportPlanName } of page.ReportPlans ?? []) yield { id: ReportPlanName ?? "" };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteReportPlanCommand({ ReportPlanName: id })),
    },
    {
      id: "framework",
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateListFrameworks({ client }, {})) {
          for (const { FrameworkName, DeploymentStatus } of page.Frameworks ?? []) {
            yield { id: FrameworkName ?? "", going: DeploymentStatus === "DELETE_IN_PROGRESS" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteFrameworkCommand({ FrameworkName: id })),
    },
  ],
});

async function* vaults(client: BackupClient) {
  for await (const page of paginateListBackupVaults({ client }, {})) yield* page.BackupVaultList ?? [];
}

/** https://docs.aws.amazon.com/efs/latest/ug/awsbackup.html: "The default backup plan and backup vault can't be deleted." */
function whyPlanStays(id: string): string | undefined {
  if (id.startsWith("aws/efs/")) return "AWS's own plan, for file systems that ask for it";
  return id.startsWith("orgs/") ? "made by a policy of the Organization" : undefined;
}

/**
 * Removes, and when the vault forbids it by its policy or a lock of governance mode, opens it and tries again. The policy is
 * replaced, since one may forbid its own deletion, as that of EFS does.
 */
async function opening(
  { client, accountId, partition }: Place<BackupClient>,
  data: Readonly<Record<string, string>> | undefined,
  remove: () => Promise<unknown>,
): Promise<void> {
  const BackupVaultName = data?.vault;
  try {
    if (data?.locked) await client.send(new DeleteBackupVaultLockConfigurationCommand({ BackupVaultName }));
    await remove();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "AccessDeniedException") throw error;
    const Statement = [
      {
        Effect: "Allow",
        Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
        Action: ["backup:DeleteBackupVault", "backup:DeleteRecoveryPoint"],
        Resource: "*",
      },
    ];
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
    await client.send(new PutBackupVaultAccessPolicyCommand({ BackupVaultName, Policy }));
    await remove();
  }
}
