import * as sdk from "@aws-sdk/client-codedeploy";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble } from "@/server/testing/double";

const token = ["nextToken", "nextToken"] as const;

function kind(list: string, items: string, remove: NonNullable<DoubleKind["remove"]>): DoubleKind {
  const { key } = remove;
  return {
    key,
    list: { operation: list, items, token, as: (item) => item[key] },
    remove: { missingStatus: 400, ...remove },
    make: (n) => ({ [key]: `site-${n}` }),
  };
}

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.CodeDeployClient,
    kinds: {
      application: kind("ListApplications", "applications", {
        operation: "DeleteApplication",
        key: "applicationName",
        missing: "ApplicationDoesNotExistException",
      }),
      "deployment-config": kind("ListDeploymentConfigs", "deploymentConfigsList", {
        operation: "DeleteDeploymentConfig",
        key: "deploymentConfigName",
        missing: "DeploymentConfigDoesNotExistException",
        refuses: (_, store) =>
          store.all("application").length > 0 ? new DoubleError("DeploymentConfigInUseException") : undefined,
      }),
      "github-token": kind("ListGitHubAccountTokenNames", "tokenNameList", {
        operation: "DeleteGitHubAccountToken",
        key: "tokenName",
        missing: "GitHubAccountTokenDoesNotExistException",
      }),
    },
  }),
};
