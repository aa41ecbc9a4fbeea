import {
  BatchGetAccountStatusCommand,
  DisableCommand,
  GetDelegatedAdminAccountCommand,
  Inspector2Client,
  type ResourceScanType,
} from "@aws-sdk/client-inspector2";
import { defineService } from "@/server/cleaner/define";

/** A member of `resourceState` and what `Disable` calls it. */
const scans = [
  ["ec2", "EC2"],
  ["ecr", "ECR"],
  ["lambda", "LAMBDA"],
  ["lambdaCode", "LAMBDA_CODE"],
  ["codeRepository", "CODE_REPOSITORY"],
] as const;

/**
 * What is enabled is the scanning of one kind of resource. When the last is off, Inspector is off, and its findings go:
 * https://docs.aws.amazon.com/inspector/latest/user/deactivating-best-practices.html
 */
export const service = defineService({
  id: "inspector",
  title: "Amazon Inspector",
  scope: "regional",
  client: (options) => new Inspector2Client(options),
  types: [
    {
      id: "scanning",
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client, accountId }) {
        const { accounts = [], failedAccounts = [] } = await client.send(new BatchGetAccountStatusCommand({}));
        const [failed] = failedAccounts;
        if (failed) throw namedError(failed.errorCode, failed.errorMessage);
        const [own] = accounts;
        if (!own) throw new Error("BatchGetAccountStatus said nothing of the account");
        const enabled = scans.flatMap(([member, type]) => {
          const status = own.resourceState?.[member]?.status ?? "DISABLED";
          return status === "DISABLED" ? [] : [{ type, status }];
        });
        const administrator = enabled.length === 0 ? "" : await administratorOf(client, accountId);
        for (const { type, status } of enabled) {
          yield {
            id: type,
            going: status === "DISABLING",
            protected: administrator
              ? `run by the Organization's administrator for Inspector, ${administrator}`
              : undefined,
          };
        }
      },
      async remove({ client }, { id }) {
        const resourceTypes = [id as ResourceScanType];
        const { failedAccounts = [] } = await client.send(new DisableCommand({ resourceTypes }));
        const [failed] = failedAccounts;
        if (failed) throw namedError(failed.errorCode, failed.errorMessage);
      },
    },
  ],
});

/**
 * The other account that runs Inspector for this one, or "". An account that no other runs it for may be refused the question;
 * then scanning has to go, and shows as left where AWS refuses that.
 */
async function administratorOf(client: Inspector2Client, accountId: string): Promise<string> {
  try {
    const { delegatedAdmin } = await client.send(new GetDelegatedAdminAccountCommand({}));
    const { accountId: other = "", relationshipStatus } = delegatedAdmin ?? {};
    return relationshipStatus === "ENABLED" && other !== accountId ? other : "";
  } catch (error) {
    if (error instanceof Error && /^(ResourceNotFound|AccessDenied|Validation)Exception$/.test(error.name)) return "";
    throw error;
  }
}

function namedError(name: string | undefined, message: string | undefined): Error {
  const error = new Error(message ?? "");
  error.name = name ?? "Error";
  return error;
}
