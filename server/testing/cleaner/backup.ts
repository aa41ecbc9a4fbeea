import * as sdk from "@aws-sdk/client-backup";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble, type Shape, type Store } from "@/server/testing/double";

const token = ["NextToken", "NextToken"] as const;
const missing = "ResourceNotFoundException";
const missingStatus = 400;
const refused = (message: string) => new DoubleError("InvalidRequestException", 400, message);

/** What a policy or a lock of the vault says to a removal. */
function closed(vault: Shape | undefined): DoubleError | undefined {
  if (vault?.Locked) return refused("The vault is locked");
  if (vault?.forbids) return new DoubleError("AccessDeniedException", 403, "Explicit deny in a resource-based policy");
}

const vaultOf = (store: Store, { BackupVaultName }: Shape) => {
  const vault = store.get("vault", String(BackupVaultName));
  if (!vault) throw new DoubleError(missing, 400, "The vault does not exist");
  return vault;
};

const emptied = (kind: string, key: string) => (store: Store, input: Shape) => {
  const item = store.get(kind, String(input[key]));
  if (item) item.selections = [];
};

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.BackupClient,
    kinds: {
      plan: {
        key: "BackupPlanId",
        list: { operation: "ListBackupPlans", items: "BackupPlansList", token },
        remove: {
          operation: "DeleteBackupPlan",
          key: "BackupPlanId",
          missing,
          missingStatus,
          refuses: ({ selections }) =>
            (selections as string[]).length > 0 ? refused("Related selections must be deleted first") : undefined,
        },
        make: (n) => ({ BackupPlanId: `plan-${n}`, CreationDate: new Date(0), selections: n === 0 ? ["all"] : [] }),
      },
      "restore-testing-plan": {
        key: "RestoreTestingPlanName",
        list: { operation: "ListRestoreTestingPlans", items: "RestoreTestingPlans", token },
        remove: {
          operation: "DeleteRestoreTestingPlan",
          key: "RestoreTestingPlanName",
          missing,
          missingStatus,
          refuses: ({ selections }) =>
            (selections as string[]).length > 0 ? refused("Selections must be deleted first") : undefined,
        },
        make: (n) => ({ RestoreTestingPlanName: `try_${n}`, selections: n === 0 ? ["all"] : [] }),
      },
      "legal-hold": {
        key: "LegalHoldId",
        list: { operation: "ListLegalHolds", items: "LegalHolds", token },
        remove: {
          operation: "CancelLegalHold",
          key: "LegalHoldId",
          missing,
          missingStatus,
          leaves: { Status: "CANCELED" },
        },
        make: (n) => ({ LegalHoldId: `hold-${n}`, Status: "ACTIVE", CreationDate: new Date(0) }),
      },
      "recovery-point": {
        key: "RecoveryPointArn",
        list: {
          operation: "ListRecoveryPointsByBackupVault",
          items: "RecoveryPoints",
          token,
          where: { BackupVaultName: "BackupVaultName" },
        },
        remove: {
          operation: "DeleteRecoveryPoint",
          key: "RecoveryPointArn",
          missing,
          missingStatus,
          refuses: (point, store) =>
            point.ParentRecoveryPointArn
              ? refused("It is nested in another")
              : closed(store.get("vault", String(point.BackupVaultName))),
          leaves: { Status: "DELETING" },
        },
        make: (n, { region, accountId }) => ({
          RecoveryPointArn: `arn:aws:backup:${region}:${accountId}:recovery-point:${n}`,
          BackupVaultName: `safe-${n % 3}`,
          ParentRecoveryPointArn: n === 3 ? `arn:aws:backup:${region}:${accountId}:recovery-point:0` : undefined,
          Status: "COMPLETED",
        }),
        count: 4,
      },
      vault: {
        key: "BackupVaultName",
        list: { operation: "ListBackupVaults", items: "BackupVaultList", token },
        remove: {
          operation: "DeleteBackupVault",
          key: "BackupVaultName",
          missing,
          missingStatus,
          refuses: (vault, store) =>
            store.all("recovery-point").some((point) => point.BackupVaultName === vault.BackupVaultName)
              ? refused("Backup vault contains recovery points")
              : closed(vault),
        },
        make: (n) => ({ BackupVaultName: `safe-${n}`, Locked: n === 1, forbids: n === 2, CreationDate: new Date(0) }),
      },
      "report-plan": {
        key: "ReportPlanName",
        list: { operation: "ListReportPlans", items: "ReportPlans", token },
        remove: { operation: "DeleteReportPlan", key: "ReportPlanName", missing, missingStatus },
        make: (n) => ({ ReportPlanName: `report_${n}`, DeploymentStatus: "COMPLETED" }),
      },
      framework: {
        key: "FrameworkName",
        list: { operation: "ListFrameworks", items: "Frameworks", token },
        remove: {
          operation: "DeleteFramework",
          key: "FrameworkName",
          missing,
          missingStatus,
          leaves: { DeploymentStatus: "DELETE_IN_PROGRESS" },
        },
        make: (n) => ({ FrameworkName: `rules_${n}`, DeploymentStatus: "COMPLETED" }),
      },
    },
    answers: {
      ListBackupSelections: (store, { BackupPlanId }) => ({
        BackupSelectionsList: ((store.get("plan", String(BackupPlanId))?.selections ?? []) as string[]).map(
          (SelectionId) => ({ SelectionId }),
        ),
      }),
      DeleteBackupSelection: emptied("plan", "BackupPlanId"),
      ListRestoreTestingSelections: (store, { RestoreTestingPlanName: name }) => ({
        RestoreTestingSelections: ((store.get("restore-testing-plan", String(name))?.selections ?? []) as string[]).map(
          (RestoreTestingSelectionName) => ({ RestoreTestingSelectionName }),
        ),
      }),
      DeleteRestoreTestingSelection: emptied("restore-testing-plan", "RestoreTestingPlanName"),
      DisassociateRecoveryPointFromParent: (store, { RecoveryPointArn }) => {
        const point = store.get("recovery-point", String(RecoveryPointArn));
        if (!point) throw new DoubleError(missing, 400, "It does not exist");
        point.ParentRecoveryPointArn = undefined;
      },
      DeleteBackupVaultLockConfiguration: (store, input) => {
        vaultOf(store, input).Locked = false;
      },
      PutBackupVaultAccessPolicy: (store, input) => {
        vaultOf(store, input).forbids = String(input.Policy).includes("Deny");
      },
    },
  }),
};
