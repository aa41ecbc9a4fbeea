import * as sdk from "@aws-sdk/client-codebuild";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble } from "@/server/testing/double";

const missing = "ResourceNotFoundException";
const missingStatus = 400;
const token = ["nextToken", "nextToken"] as const;

const arn = (kind: string, n: number, { region, accountId }: { region: string; accountId: string }) =>
  `arn:aws:codebuild:${region}:${accountId}:${kind}/lab-${n}`;

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.CodeBuildClient,
    kinds: {
      project: {
        key: "name",
        list: { operation: "ListProjects", items: "projects", token, as: ({ name }) => name },
        remove: { operation: "DeleteProject", key: "name", missing, missingStatus },
        make: (n) => ({ name: `site-${n}` }),
      },
      build: {
        key: "id",
        list: { operation: "ListBuilds", items: "ids", token, as: ({ id }) => id },
        make: (n) => ({ id: `site-0:${n}`, buildStatus: n === 0 ? "IN_PROGRESS" : "SUCCEEDED" }),
      },
      "report-group": {
        key: "arn",
        list: { operation: "ListReportGroups", items: "reportGroups", token, as: ({ arn: own }) => own },
        remove: { operation: "DeleteReportGroup", key: "arn", missing, missingStatus },
        make: (n, place) => ({ arn: arn("report-group", n, place) }),
      },
      "source-credential": {
        key: "arn",
        count: 1,
        list: { operation: "ListSourceCredentials", items: "sourceCredentialsInfos" },
        remove: { operation: "DeleteSourceCredentials", key: "arn", missing, missingStatus },
        make: (n, place) => ({ arn: arn("token", n, place), serverType: "GITHUB", authType: "PERSONAL_ACCESS_TOKEN" }),
      },
      fleet: {
        key: "arn",
        list: { operation: "ListFleets", items: "fleets", token, as: ({ arn: own }) => own },
        remove: { operation: "DeleteFleet", key: "arn", missing, missingStatus, leaves: {} },
        make: (n, place) => ({ arn: arn("fleet", n, place) }),
      },
    },
    answers: {
      BatchDeleteBuilds: (store, { ids }) => {
        const [id = ""] = ids as string[];
        const build = store.get("build", id);
        if (build?.buildStatus !== "IN_PROGRESS" && store.remove("build", id)) return { buildsDeleted: [id] };
        return { buildsNotDeleted: [{ id, statusCode: build ? "BUILD_IN_PROGRESS" : "BUILD_NOT_FOUND" }] };
      },
      StopBuild: (store, { id }) => {
        const build = store.get("build", String(id));
        if (!build) throw new DoubleError(missing, 400, "does not exist");
        store.put("build", String(id), { ...build, buildStatus: "STOPPED" });
        return { build: { id } };
      },
    },
  }),
};
