import {
  DeleteAgreementCommand,
  DeleteCertificateCommand,
  DeleteConnectorCommand,
  DeleteProfileCommand,
  DeleteServerCommand,
  DeleteUserCommand,
  DeleteWebAppCommand,
  DeleteWorkflowCommand,
  paginateListAgreements,
  paginateListCertificates,
  paginateListConnectors,
  paginateListProfiles,
  paginateListServers,
  paginateListUsers,
  paginateListWebApps,
  paginateListWorkflows,
  TransferClient,
} from "@aws-sdk/client-transfer";
import { defineService } from "@/server/cleaner/define";
import { notOffered } from "@/server/cleaner/failures";

async function removeAgreements(client: TransferClient, ServerId: string): Promise<void> {
  for await (const page of paginateListAgreements({ client }, { ServerId })) {
    for (const { AgreementId } of page.Agreements ?? []) {
      await client.send(new DeleteAgreementCommand({ ServerId, AgreementId }));
    }
  }
}

/** https://docs.aws.amazon.com/transfer/latest/APIReference/API_DeleteServer.html: its users go before. */
export const service = defineService({
  id: "transfer",
  title: "AWS Transfer Family",
  scope: "regional",
  client: (options) => new TransferClient(options),
  types: [
    {
      id: "server",
      gone: "listed",
      deadlineSeconds: 900,
      async *list({ client }) {
        for await (const page of paginateListServers({ client }, {})) {
          for (const { ServerId: id = "", IdentityProviderType } of page.Servers ?? []) {
            yield { id, data: { users: IdentityProviderType === "SERVICE_MANAGED" ? "its own" : "of others" } };
          }
        }
      },
      async prepare({ client }, { id: ServerId, data }) {
        if (data?.users === "its own") {
          for await (const page of paginateListUsers({ client }, { ServerId })) {
            for (const { UserName } of page.Users ?? []) {
              await client.send(new DeleteUserCommand({ ServerId, UserName }));
            }
          }
        }
        await removeAgreements(client, ServerId).catch((error: unknown) => {
          // A server without AS2 has none.
          if (!(error instanceof Error) || error.name !== "InvalidRequestException") throw error;
        });
      },
      remove: ({ client }, { id }) => client.send(new DeleteServerCommand({ ServerId: id })),
    },
    {
      id: "web-app",
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListWebApps({ client }, {})) {
          for (const { WebAppId: id = "" } of page.WebApps ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteWebAppCommand({ WebAppId: id })),
    },
    {
      id: "connector",
      unavailable: notOffered,
      async *list({ client }) {
        for await (const page of paginateListConnectors({ client }, {})) {
          for (const { ConnectorId: id = "" } of page.Connectors ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteConnectorCommand({ ConnectorId: id })),
    },
    {
      id: "workflow",
      after: ["transfer/server"],
      async *list({ client }) {
        for await (const page of paginateListWorkflows({ client }, {})) {
          for (const { WorkflowId: id = "" } of page.Workflows ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteWorkflowCommand({ WorkflowId: id })),
    },
    {
      id: "profile",
      after: ["transfer/server", "transfer/connector"],
      async *list({ client }) {
        for await (const page of paginateListProfiles({ client }, {})) {
          for (const { ProfileId: id = "" } of page.Profiles ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteProfileCommand({ ProfileId: id })),
    },
    {
      id: "certificate",
      after: ["transfer/profile"],
      async *list({ client }) {
        for await (const page of paginateListCertificates({ client }, {})) {
          for (const { CertificateId: id = "" } of page.Certificates ?? []) yield { id };
        }
      },
      remove: ({ client }, { id }) => client.send(new DeleteCertificateCommand({ CertificateId: id })),
    },
  ],
});
