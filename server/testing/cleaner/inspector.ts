import * as sdk from "@aws-sdk/client-inspector2";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

const types = ["EC2", "ECR", "LAMBDA"];
const members = { ec2: "EC2", ecr: "ECR", lambda: "LAMBDA", lambdaCode: "LAMBDA_CODE" };

// Scanning has no list of its own: the further answers take the place of the kind's.
export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.Inspector2Client,
    kinds: {
      scanning: {
        key: "type",
        count: types.length,
        list: { operation: "BatchGetAccountStatus", items: "accounts" },
        remove: { operation: "Disable", key: "resourceTypes", missing: "ResourceNotFoundException" },
        make: (n) => ({ type: types[n], status: "ENABLED" }),
      },
    },
    answers: {
      BatchGetAccountStatus: (store) => {
        const status = (type: string) => ({ status: store.get("scanning", type)?.status ?? "DISABLED" });
        const resourceState = Object.fromEntries(Object.entries(members).map(([name, type]) => [name, status(type)]));
        // What is being disabled shows once more.
        for (const { type, status } of store.all("scanning")) {
          if (status === "DISABLING") store.remove("scanning", String(type));
        }
        return { accounts: [{ accountId: store.accountId, state: { status: "ENABLED" }, resourceState }] };
      },
      Disable: (store, { resourceTypes }) => {
        for (const type of resourceTypes as string[]) {
          if (store.get("scanning", type)) store.put("scanning", type, { type, status: "DISABLING" });
        }
        return { accounts: [] };
      },
      GetDelegatedAdminAccount: () => {
        throw new DoubleError("ResourceNotFoundException", 404, "There is no delegated administrator");
      },
    },
  }),
};
