import * as sdk from "@aws-sdk/client-sagemaker";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble, type Shape, type Store } from "@/server/testing/double";

const token = ["NextToken", "NextToken"] as const;
const refused = (message: string) => new DoubleError("ValidationException", 400, message);
const absent = () => refused("Could not find it");
const inUse = () => new DoubleError("ResourceInUse", 400, "Resource being accessed is in use");

type Place = { region: string; accountId: string };
type Removal = Partial<NonNullable<DoubleKind["remove"]>>;

/** SageMaker's operations are named alike: ListModels, DeleteModel, ModelName, ModelArn. */
function kind(noun: string, items: string, remove: Removal = {}, item: (n: number) => Shape = () => ({})): DoubleKind {
  const key = `${noun}Name`;
  return {
    key,
    list: { operation: `List${noun.replace(/y$/, "ie")}s`, items, token },
    remove: { operation: `Delete${noun}`, key, missing: "ResourceNotFound", missingStatus: 400, ...remove },
    make: (n, { region, accountId }: Place) => ({
      [key]: `lab-${n}`,
      [`${noun}Arn`]: `arn:aws:sagemaker:${region}:${accountId}:${noun.toLowerCase()}/lab-${n}`,
      CreationTime: new Date(0),
      ...item(n),
    }),
  };
}

/** A job that runs: refused until it was stopped. */
const job = (noun: string, items = `${noun}Summaries`) => {
  const status = `${noun}Status`;
  const refuses = (item: Shape) => (item[status] === "InProgress" ? inUse() : undefined);
  return kind(noun, items, { refuses }, (n) => ({ [status]: n === 0 ? "InProgress" : "Completed" }));
};

/** A job that can only be stopped: then the list of those that run has it no more. */
function endless(noun: string): DoubleKind {
  const own = kind(noun, `${noun}Summaries`, { operation: `Stop${noun}` }, () => ({ StatusEquals: "InProgress" }));
  return { ...own, list: own.list && { ...own.list, where: { StatusEquals: "StatusEquals" } } };
}

const stop = (type: string, noun: string) => (store: Store, input: Shape) => {
  const name = String(input[`${noun}Name`]);
  const item = store.get(type, name);
  if (!item) throw absent();
  if (item[`${noun}Status`] !== "InProgress" && item[`${noun}Status`] !== "InService") throw refused("It does not run");
  store.put(type, name, { ...item, [`${noun}Status`]: "Stopped" });
  return {};
};

const unless =
  (...types: readonly string[]) =>
  (_: Shape, store: Store) =>
    types.some((type) => store.all(type).length > 0) ? inUse() : undefined;

/** The apps, spaces and profiles of one domain. Those that were deleted stay listed for a while on AWS. */
const studio = (noun: string, items: string, removal: Removal = {}): DoubleKind =>
  kind(noun, items, { leaves: { Status: "Deleting" }, ...removal }, (n) => ({
    DomainId: "d-0",
    Status: "InService",
    ...(noun === "App" ? { AppType: "JupyterLab", SpaceName: `lab-${n}` } : {}),
  }));

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.SageMakerClient,
    kinds: {
      "monitoring-schedule": kind("MonitoringSchedule", "MonitoringScheduleSummaries", { leaves: {} }),
      pipeline: kind("Pipeline", "PipelineSummaries", {
        refuses: ({ PipelineName }, store) =>
          store.get("stopped", String(PipelineName))
            ? undefined
            : new DoubleError("ConflictException", 400, "It has executions that run"),
      }),
      "auto-ml-job": endless("AutoMLJob"),
      "tuning-job": job("HyperParameterTuningJob"),
      "training-job": job("TrainingJob"),
      "processing-job": job("ProcessingJob"),
      "transform-job": endless("TransformJob"),
      "inference-component": kind("InferenceComponent", "InferenceComponents", {
        leaves: { InferenceComponentStatus: "Deleting" },
      }),
      endpoint: kind("Endpoint", "Endpoints", {
        refuses: (_, store) =>
          store.all("inference-component").length > 0 ? refused("It hosts inference components") : undefined,
        leaves: { EndpointStatus: "Deleting" },
      }),
      "endpoint-config": kind("EndpointConfig", "EndpointConfigs", { missing: "ValidationException" }),
      model: kind("Model", "Models"),
      "notebook-instance": kind(
        "NotebookInstance",
        "NotebookInstances",
        {
          refuses: ({ NotebookInstanceStatus }) =>
            NotebookInstanceStatus === "Stopped" ? undefined : refused("Status not in ([Stopped, Failed])"),
          leaves: { NotebookInstanceStatus: "Deleting" },
        },
        () => ({ NotebookInstanceStatus: "InService" }),
      ),
      "notebook-lifecycle-config": kind("NotebookInstanceLifecycleConfig", "NotebookInstanceLifecycleConfigs"),
      app: studio("App", "Apps"),
      space: studio("Space", "Spaces", { refuses: unless("app") }),
      "user-profile": studio("UserProfile", "UserProfiles", { refuses: unless("app", "space") }),
      domain: {
        ...kind(
          "Domain",
          "Domains",
          { key: "DomainId", refuses: unless("app", "space", "user-profile"), leaves: { Status: "Deleting" } },
          (n) => ({ DomainId: `d-${n}` }),
        ),
        key: "DomainId",
      },
      "studio-lifecycle-config": kind("StudioLifecycleConfig", "StudioLifecycleConfigs", { refuses: unless("domain") }),
      image: kind("Image", "Images", { leaves: { ImageStatus: "DELETING" } }),
      "code-repository": kind("CodeRepository", "CodeRepositorySummaryList"),
      "feature-group": kind("FeatureGroup", "FeatureGroupSummaries", { leaves: { FeatureGroupStatus: "Deleting" } }),
      "model-package": {
        ...kind("ModelPackage", "ModelPackageSummaryList", { leaves: { ModelPackageStatus: "Deleting" } }),
        key: "ModelPackageArn",
      },
      "model-package-group": kind("ModelPackageGroup", "ModelPackageGroupSummaryList", {
        refuses: unless("model-package"),
        leaves: { ModelPackageGroupStatus: "Deleting" },
      }),
      cluster: kind("Cluster", "ClusterSummaries", { leaves: { ClusterStatus: "Deleting" } }),
      "mlflow-tracking-server": {
        ...kind("TrackingServer", "TrackingServerSummaries", {
          operation: "DeleteMlflowTrackingServer",
          leaves: { TrackingServerStatus: "Deleting" },
        }),
        list: { operation: "ListMlflowTrackingServers", items: "TrackingServerSummaries", token },
      },
    },
    answers: {
      ListPipelineExecutions: (store, { PipelineName }) => {
        const PipelineExecutionStatus = store.get("stopped", String(PipelineName)) ? "Stopped" : "Executing";
        return { PipelineExecutionSummaries: [{ PipelineExecutionArn: PipelineName, PipelineExecutionStatus }] };
      },
      StopPipelineExecution: (store, { PipelineExecutionArn }) =>
        store.put("stopped", String(PipelineExecutionArn), {}),
      StopHyperParameterTuningJob: stop("tuning-job", "HyperParameterTuningJob"),
      StopTrainingJob: stop("training-job", "TrainingJob"),
      StopProcessingJob: stop("processing-job", "ProcessingJob"),
      StopNotebookInstance: stop("notebook-instance", "NotebookInstance"),
      DescribeNotebookInstance: (store, { NotebookInstanceName }) => {
        const item = store.get("notebook-instance", String(NotebookInstanceName));
        if (!item) throw refused("RecordNotFound");
        return item;
      },
    },
  }),
};
