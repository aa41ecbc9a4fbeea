import * as sdk from "@aws-sdk/client-guardduty";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble, type Shape, type Store } from "@/server/testing/double";

function detectorOf(store: Store, id: unknown): Shape {
  const detector = store.get("detector", String(id));
  if (detector) return detector;
  const message = "The request is rejected because the input detectorId is not owned by the current account.";
  throw new DoubleError("BadRequestException", 400, message);
}

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.GuardDutyClient,
    kinds: {
      detector: {
        key: "DetectorId",
        count: 1,
        list: { operation: "ListDetectors", items: "DetectorIds", as: ({ DetectorId }) => DetectorId },
        remove: { operation: "DeleteDetector", key: "DetectorId", missing: "BadRequestException" },
        make: (_, { region }) => ({
          DetectorId: `${region}-detector`,
          Administrator: { AccountId: "210987654321", InvitationId: "84b097800250d17d1872b34c4daadcf5" },
        }),
      },
      "malware-protection-plan": {
        key: "MalwareProtectionPlanId",
        list: {
          operation: "ListMalwareProtectionPlans",
          items: "MalwareProtectionPlans",
          token: ["NextToken", "NextToken"],
        },
        remove: {
          operation: "DeleteMalwareProtectionPlan",
          key: "MalwareProtectionPlanId",
          missing: "ResourceNotFoundException",
        },
        make: (n) => ({ MalwareProtectionPlanId: `plan-${n}` }),
      },
    },
    answers: {
      GetAdministratorAccount: (store, { DetectorId }) => detectorOf(store, DetectorId),
      DisassociateFromAdministratorAccount: (store, { DetectorId }) => {
        detectorOf(store, DetectorId).Administrator = undefined;
      },
      DeleteDetector: (store, { DetectorId }) => {
        const { Administrator } = detectorOf(store, DetectorId);
        if (Administrator) throw new DoubleError("BadRequestException", 400, "The account has an administrator");
        store.remove("detector", String(DetectorId));
      },
    },
  }),
};
