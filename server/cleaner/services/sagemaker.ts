import {
  type AppType,
  DeleteAppCommand,
  DeleteClusterCommand,
  DeleteCodeRepositoryCommand,
  DeleteDomainCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteFeatureGroupCommand,
  DeleteHyperParameterTuningJobCommand,
  DeleteImageCommand,
  DeleteInferenceComponentCommand,
  DeleteMlflowTrackingServerCommand,
  DeleteModelCommand,
  DeleteModelPackageCommand,
  DeleteModelPackageGroupCommand,
  DeleteMonitoringScheduleCommand,
  DeleteNotebookInstanceCommand,
  DeleteNotebookInstanceLifecycleConfigCommand,
  DeletePipelineCommand,
  DeleteProcessingJobCommand,
  DeleteSpaceCommand,
  DeleteStudioLifecycleConfigCommand,
  DeleteTrainingJobCommand,
  DeleteUserProfileCommand,
  DescribeNotebookInstanceCommand,
  paginateListApps,
  paginateListAutoMLJobs,
  paginateListClusters,
  paginateListCodeRepositories,
  paginateListDomains,
  paginateListEndpointConfigs,
  paginateListEndpoints,
  paginateListFeatureGroups,
  paginateListHyperParameterTuningJobs,
  paginateListImages,
  paginateListInferenceComponents,
  paginateListMlflowTrackingServers,
  paginateListModelPackageGroups,
  paginateListModelPackages,
  paginateListModels,
  paginateListMonitoringSchedules,
  paginateListNotebookInstanceLifecycleConfigs,
  paginateListNotebookInstances,
  paginateListPipelineExecutions,
  paginateListPipelines,
  paginateListProcessingJobs,
  paginateListSpaces,
  paginateListStudioLifecycleConfigs,
  paginateListTrainingJobs,
  paginateListTransformJobs,
  paginateListUserProfiles,
  SageMakerClient,
  StopAutoMLJobCommand,
  StopHyperParameterTuningJobCommand,
  StopNotebookInstanceCommand,
  StopPipelineExecutionCommand,
  StopProcessingJobCommand,
  StopTrainingJobCommand,
  StopTransformJobCommand,
  UpdateTrainingJobCommand,
} from "@aws-sdk/client-sagemaker";
import { defineService } from "@/server/cleaner/define";
import { isMissing, notOffered } from "@/server/cleaner/failures";

/** Removes a job, or asks one that runs to stop: then it is tried again. */
async function removeOrStop(remove: () => Promise<unknown>, stop: () => Promise<unknown>): Promise<void> {
  const refused = (error: unknown): error is Error =>
    error instanceof Error && /^(ResourceInUse|ValidationException|ConflictException)$/.test(error.name);
  try {
    await remove();
  } catch (error) {
    if (isMissing(error) || !refused(error)) throw error;
    await stop().catch((reason: unknown) => {
      if (isMissing(reason) || !refused(reason)) throw reason;
    });
    throw new Error(`It is still running; it was asked to stop (${error.message})`);
  }
}

/**
 * Jobs that run are stopped; those that ended are deleted where AWS has a call for it, since they show their parameters.
 * Studio goes from the inside: apps, spaces, user profiles, domain, and with it its file system.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/gs-studio-delete-domain.html
 */
export const service = defineService({
  id: "sagemaker",
  title: "Amazon SageMaker AI",
  scope: "regional",
  client: (options) => new SageMakerClient(options),
  types: [
    {
      id: "monitoring-schedule",
      stage: "first",
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateListMonitoringSchedules({ client, pageSize: 100 }, {})) {
          for (const { MonitoringScheduleName: id = "", CreationTime } of page.MonitoringScheduleSummaries ?? []) {
            yield { id, createdAt: CreationTime };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteMonitoringScheduleCommand({ MonitoringScheduleName: id })),
    },
    {
      id: "pipeline",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 600,
      async *list({ client }) {
        for await (const page of paginateListPipelines({ client, pageSize: 100 }, {})) {
          for (const { PipelineName: id = "", CreationTime } of page.PipelineSummaries ?? []) {
            yield { id, createdAt: CreationTime };
          }
        }
      },
      async prepare({ client }, { id: PipelineName }) {
        for await (const page of paginateListPipelineExecutions({ client, pageSize: 100 }, { PipelineName })) {
          for (const { PipelineExecutionArn, PipelineExecutionStatus } of page.PipelineExecutionSummaries ?? []) {
            if (PipelineExecutionStatus !== "Executing") continue;
            await client.send(new StopPipelineExecutionCommand({ PipelineExecutionArn }));
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeletePipelineCommand({ PipelineName: id })),
    },
    {
      // Jobs that ended cannot be deleted.
      id: "auto-ml-job",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for (const StatusEquals of ["InProgress", "Stopping"] as const) {
          for await (const page of paginateListAutoMLJobs({ client, pageSize: 100 }, { StatusEquals })) {
            for (const { AutoMLJobName: id = "", CreationTime } of page.AutoMLJobSummaries ?? []) {
              yield { id, createdAt: CreationTime, going: StatusEquals === "Stopping" };
            }
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new StopAutoMLJobCommand({ AutoMLJobName: id })),
      unavailable: notOffered,
    },
    {
      id: "tuning-job",
      stage: "first",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListHyperParameterTuningJobs({ client, pageSize: 100 }, {})) {
          for (const one of page.HyperParameterTuningJobSummaries ?? []) {
            yield { id: one.HyperParameterTuningJobName ?? "", createdAt: one.CreationTime };
          }
        }
      },
      remove: ({ client }, { id: HyperParameterTuningJobName }) =>
        removeOrStop(
          () => client.send(new DeleteHyperParameterTuningJobCommand({ HyperParameterTuningJobName })),
          () => client.send(new StopHyperParameterTuningJobCommand({ HyperParameterTuningJobName })),
        ),
    },
    {
      id: "training-job",
      after: ["sagemaker/tuning-job"],
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListTrainingJobs({ client, pageSize: 100 }, {})) {
          for (const { TrainingJobName: id = "", CreationTime, WarmPoolStatus } of page.TrainingJobSummaries ?? []) {
            yield { id, createdAt: CreationTime, data: { warm: WarmPoolStatus?.Status === "Available" ? "yes" : "" } };
          }
        }
      },
      async prepare({ client }, { id: TrainingJobName, data }) {
        if (!data?.warm) return;
        // Instances kept for the next job; their job cannot go while they wait.
        const ResourceConfig = { KeepAlivePeriodInSeconds: 0 };
        await client.send(new UpdateTrainingJobCommand({ TrainingJobName, ResourceConfig })).catch((error: unknown) => {
          if (!(error instanceof Error) || error.name !== "ValidationException") throw error;
        });
      },
      remove: ({ client }, { id: TrainingJobName }) =>
        removeOrStop(
          () => client.send(new DeleteTrainingJobCommand({ TrainingJobName })),
          () => client.send(new StopTrainingJobCommand({ TrainingJobName })),
        ),
    },
    {
      id: "processing-job",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListProcessingJobs({ client, pageSize: 100 }, {})) {
          for (const { ProcessingJobName: id = "", CreationTime } of page.ProcessingJobSummaries ?? []) {
            yield { id, createdAt: CreationTime };
          }
        }
      },
      remove: ({ client }, { id: ProcessingJobName }) =>
        removeOrStop(
          () => client.send(new DeleteProcessingJobCommand({ ProcessingJobName })),
          () => client.send(new StopProcessingJobCommand({ ProcessingJobName })),
        ),
    },
    {
      // Jobs that ended cannot be deleted.
      id: "transform-job",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for (const StatusEquals of ["InProgress", "Stopping"] as const) {
          for await (const page of paginateListTransformJobs({ client, pageSize: 100 }, { StatusEquals })) {
            for (const { TransformJobName: id = "", CreationTime } of page.TransformJobSummaries ?? []) {
              yield { id, createdAt: CreationTime, going: StatusEquals === "Stopping" };
            }
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new StopTransformJobCommand({ TransformJobName: id })),
    },
    {
      id: "inference-component",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListInferenceComponents({ client, pageSize: 100 }, {})) {
          for (const one of page.InferenceComponents ?? []) {
            yield {
              id: one.InferenceComponentName ?? "",
              createdAt: one.CreationTime,
              going: one.InferenceComponentStatus === "Deleting",
            };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteInferenceComponentCommand({ InferenceComponentName: id })),
      unavailable: notOffered,
    },
    {
      id: "endpoint",
      stage: "first",
      after: ["sagemaker/inference-component", "sagemaker/monitoring-schedule"],
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListEndpoints({ client, pageSize: 100 }, {})) {
          for (const { EndpointName: id = "", CreationTime, EndpointStatus } of page.Endpoints ?? []) {
            yield { id, createdAt: CreationTime, going: EndpointStatus === "Deleting" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteEndpointCommand({ EndpointName: id })),
    },
    {
      id: "endpoint-config",
      after: ["sagemaker/endpoint"],
      async *list({ client }) {
        for await (const page of paginateListEndpointConfigs({ client, pageSize: 100 }, {})) {
          for (const { EndpointConfigName: id = "", CreationTime } of page.EndpointConfigs ?? []) {
            yield { id, createdAt: CreationTime };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteEndpointConfigCommand({ EndpointConfigName: id })),
    },
    {
      id: "model",
      after: ["sagemaker/endpoint-config"],
      async *list({ client }) {
        for await (const page of paginateListModels({ client, pageSize: 100 }, {})) {
          for (const { ModelName: id = "", CreationTime } of page.Models ?? []) yield { id, createdAt: CreationTime };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteModelCommand({ ModelName: id })),
    },
    {
      id: "notebook-instance",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListNotebookInstances({ client, pageSize: 100 }, {})) {
          for (const one of page.NotebookInstances ?? []) {
            yield {
              id: one.NotebookInstanceName ?? "",
              createdAt: one.CreationTime,
              going: one.NotebookInstanceStatus === "Deleting",
            };
          }
        }
      },
      async prepare({ client }, { id: NotebookInstanceName }) {
        const { NotebookInstanceStatus: status = "" } = await client.send(
          new DescribeNotebookInstanceCommand({ NotebookInstanceName }),
        );
        if (/^(Stopped|Failed|Deleting)$/.test(status)) return;
        if (status === "InService") await client.send(new StopNotebookInstanceCommand({ NotebookInstanceName }));
        throw new Error(`The notebook is still ${status}; it was asked to stop`);
      },
      remove: ({ client }, { id }) => client.send(new DeleteNotebookInstanceCommand({ NotebookInstanceName: id })),
    },
    {
      id: "notebook-lifecycle-config",
      after: ["sagemaker/notebook-instance"],
      async *list({ client }) {
        for await (const page of paginateListNotebookInstanceLifecycleConfigs({ client, pageSize: 100 }, {})) {
          for (const one of page.NotebookInstanceLifecycleConfigs ?? []) {
            yield { id: one.NotebookInstanceLifecycleConfigName ?? "", createdAt: one.CreationTime };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteNotebookInstanceLifecycleConfigCommand({ NotebookInstanceLifecycleConfigName: id })),
    },
    {
      id: "app",
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateListApps({ client, pageSize: 100 }, {})) {
          for (const { DomainId = "", UserProfileName = "", SpaceName = "", Status, ...app } of page.Apps ?? []) {
            // Listed for a day longer.
            if (Status === "Deleted") continue;
            const { AppType = "", AppName = "", CreationTime } = app;
            yield {
              id: [DomainId, UserProfileName ? "user" : "space", UserProfileName || SpaceName, AppType, AppName].join(
                "/",
              ),
              createdAt: CreationTime,
              going: Status === "Deleting",
              data: { domain: DomainId, user: UserProfileName, space: SpaceName, type: AppType, name: AppName },
            };
          }
        }
      },
      remove: ({ client }, { data }) =>
        client.send(
          new DeleteAppCommand({
            DomainId: data?.domain,
            // Of the one or of the other.
            UserProfileName: data?.user || undefined,
            SpaceName: data?.space || undefined,
            AppType: data?.type as AppType | undefined,
            AppName: data?.name,
          }),
        ),
    },
    {
      id: "space",
      after: ["sagemaker/app"],
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListSpaces({ client, pageSize: 100 }, {})) {
          for (const { DomainId: domain = "", SpaceName: name = "", Status, CreationTime } of page.Spaces ?? []) {
            const id = `${domain}/${name}`;
            yield { id, createdAt: CreationTime, going: Status === "Deleting", data: { domain, name } };
          }
        }
      },
      remove: ({ client }, { data }) =>
        client.send(new DeleteSpaceCommand({ DomainId: data?.domain, SpaceName: data?.name })),
    },
    {
      id: "user-profile",
      after: ["sagemaker/app", "sagemaker/space"],
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListUserProfiles({ client, pageSize: 100 }, {})) {
          for (const one of page.UserProfiles ?? []) {
            const { DomainId: domain = "", UserProfileName: name = "", Status, CreationTime } = one;
            const id = `${domain}/${name}`;
            yield { id, createdAt: CreationTime, going: Status === "Deleting", data: { domain, name } };
          }
        }
      },
      remove: ({ client }, { data }) =>
        client.send(new DeleteUserProfileCommand({ DomainId: data?.domain, UserProfileName: data?.name })),
    },
    {
      id: "domain",
      after: ["sagemaker/app", "sagemaker/space", "sagemaker/user-profile"],
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateListDomains({ client, pageSize: 100 }, {})) {
          for (const { DomainId: id = "", Status, CreationTime } of page.Domains ?? []) {
            yield { id, createdAt: CreationTime, going: Status === "Deleting" };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteDomainCommand({ DomainId: id, RetentionPolicy: { HomeEfsFileSystem: "Delete" } })),
    },
    {
      id: "studio-lifecycle-config",
      after: ["sagemaker/domain"],
      async *list({ client }) {
        for await (const page of paginateListStudioLifecycleConfigs({ client, pageSize: 100 }, {})) {
          for (const { StudioLifecycleConfigName: id = "", CreationTime } of page.StudioLifecycleConfigs ?? []) {
            yield { id, createdAt: CreationTime };
          }
        }
      },
      remove: ({ client }, { id }) =>
        client.send(new DeleteStudioLifecycleConfigCommand({ StudioLifecycleConfigName: id })),
    },
    {
      id: "image",
      after: ["sagemaker/domain"],
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateListImages({ client, pageSize: 100 }, {})) {
          for (const { ImageName: id = "", ImageStatus, CreationTime } of page.Images ?? []) {
            yield { id, createdAt: CreationTime, going: ImageStatus === "DELETING" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteImageCommand({ ImageName: id })),
      unavailable: notOffered,
    },
    {
      id: "code-repository",
      after: ["sagemaker/notebook-instance"],
      async *list({ client }) {
        for await (const page of paginateListCodeRepositories({ client, pageSize: 100 }, {})) {
          for (const { CodeRepositoryName: id = "", CreationTime } of page.CodeRepositorySummaryList ?? []) {
            yield { id, createdAt: CreationTime };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteCodeRepositoryCommand({ CodeRepositoryName: id })),
      unavailable: notOffered,
    },
    {
      id: "feature-group",
      gone: "listed",
      deadlineSeconds: 1_200,
      async *list({ client }) {
        for await (const page of paginateListFeatureGroups({ client, pageSize: 100 }, {})) {
          for (const { FeatureGroupName: id = "", FeatureGroupStatus, CreationTime } of page.FeatureGroupSummaries ??
            []) {
            yield { id, createdAt: CreationTime, going: FeatureGroupStatus === "Deleting" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteFeatureGroupCommand({ FeatureGroupName: id })),
      unavailable: notOffered,
    },
    {
      id: "model-package",
      after: ["sagemaker/model"],
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateListModelPackages({ client, pageSize: 100 }, { ModelPackageType: "Both" })) {
          for (const { ModelPackageArn: id = "", ModelPackageStatus, CreationTime } of page.ModelPackageSummaryList ??
            []) {
            yield { id, createdAt: CreationTime, going: ModelPackageStatus === "Deleting" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteModelPackageCommand({ ModelPackageName: id })),
    },
    {
      id: "model-package-group",
      after: ["sagemaker/model-package"],
      gone: "listed",
      async *list({ client }) {
        for await (const page of paginateListModelPackageGroups({ client, pageSize: 100 }, {})) {
          for (const one of page.ModelPackageGroupSummaryList ?? []) {
            const going = one.ModelPackageGroupStatus === "Deleting";
            yield { id: one.ModelPackageGroupName ?? "", createdAt: one.CreationTime, going };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteModelPackageGroupCommand({ ModelPackageGroupName: id })),
    },
    {
      // HyperPod.
      id: "cluster",
      stage: "first",
      gone: "listed",
      deadlineSeconds: 1_800,
      async *list({ client }) {
        for await (const page of paginateListClusters({ client, pageSize: 100 }, {})) {
          for (const { ClusterName: id = "", ClusterStatus, CreationTime } of page.ClusterSummaries ?? []) {
            yield { id, createdAt: CreationTime, going: ClusterStatus === "Deleting" };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteClusterCommand({ ClusterName: id })),
      unavailable: notOffered,
    },
    {
      id: "mlflow-tracking-server",
      gone: "listed",
      deadlineSeconds: 2_700,
      async *list({ client }) {
        for await (const page of paginateListMlflowTrackingServers({ client, pageSize: 100 }, {})) {
          for (const one of page.TrackingServerSummaries ?? []) {
            const going = one.TrackingServerStatus === "Deleting";
            yield { id: one.TrackingServerName ?? "", createdAt: one.CreationTime, going };
          }
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteMlflowTrackingServerCommand({ TrackingServerName: id })),
      unavailable: notOffered,
    },
  ],
});
