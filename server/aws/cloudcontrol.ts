/** The Cloud Control API: one way to list and remove what CloudFormation knows, by the names of CloudFormation's types. */
import {
  CloudControlClient,
  DeleteResourceCommand,
  GetResourceRequestStatusCommand,
  ListResourcesCommand,
  type ProgressEvent,
} from "@aws-sdk/client-cloudcontrol";
import { type ClientInput, clientOptions, type Pacer, paced, readOnly } from "@/server/aws/clients";

/** One resource as a list names it. `properties` is what the type's handler says of it: often no more than the identifier. */
export type ListedResource = { id: string; properties: Readonly<Record<string, unknown>> };

/** How far a removal has come. While it is `going`, `token` is what to ask for. */
export type RemovalState = { state: "going" | "gone" | "failed"; token?: string; error?: string };

export type CloudControl = {
  /** Everything of a type in the client's region, page by page. Throws the SDK's error. */
  list(type: string): AsyncIterable<ListedResource[]>;
  /** Asks for a removal. Throws where the client may not remove. */
  remove(type: string, id: string): Promise<RemovalState>;
  removalState(token: string): Promise<RemovalState>;
};

const pageSize = 100;

/**
 * A client for one account and region; each try of a call waits for its turn at `pacer`. It makes no write call but
 * `DeleteResource`, and that one only where `removes` says so.
 */
export function cloudControl(input: ClientInput, how: { pacer: Pacer; removes: boolean }): CloudControl {
  const client = readOnly(
    paced(new CloudControlClient(clientOptions(input)), how.pacer),
    how.removes ? ["DeleteResource"] : [],
  );
  return {
    async *list(type) {
      const seen = new Set<string>();
      let token: string | undefined;
      do {
        const page = await client.send(
          new ListResourcesCommand({ TypeName: type, MaxResults: pageSize, NextToken: token }),
        );
        yield (page.ResourceDescriptions ?? []).flatMap(({ Identifier, Properties }) =>
          Identifier ? [{ id: Identifier, properties: readProperties(Properties) }] : [],
        );
        token = page.NextToken;
        // Some handlers answer with the same token for ever.
        if (token && seen.has(token)) throw new Error("The list answers with the same page again and again");
        if (token) seen.add(token);
      } while (token);
    },
    remove: async (type, id) =>
      stateOf((await client.send(new DeleteResourceCommand({ TypeName: type, Identifier: id }))).ProgressEvent),
    removalState: async (token) =>
      stateOf((await client.send(new GetResourceRequestStatusCommand({ RequestToken: token }))).ProgressEvent),
  };
}

function readProperties(json: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-manage-requests.html */
function stateOf(event: ProgressEvent | undefined): RemovalState {
  const { OperationStatus: status, RequestToken: token, ErrorCode: code, StatusMessage: message } = event ?? {};
  if (status === "SUCCESS" || code === "NotFound") return { state: "gone" };
  if (status === "FAILED" || status === "CANCEL_COMPLETE" || !token) {
    return { state: "failed", error: `${code ?? status ?? "no answer"}: ${message ?? "no reason given"}` };
  }
  return { state: "going", token };
}

/** The API does not have the type, or the type no list, in this region: nothing can be there by its account. */
export function isNoSuchType(error: unknown): boolean {
  return error instanceof Error && /^(TypeNotFoundException|UnsupportedActionException)$/.test(error.name);
}

/** The API is not offered in this region. */
export function hasNoEndpoint(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === "ENOTFOUND";
}
