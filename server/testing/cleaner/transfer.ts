import * as sdk from "@aws-sdk/client-transfer";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble, type Shape, type Store } from "@/server/testing/double";

const missing = "ResourceNotFoundException";

function kind(noun: string, prefix: string, remove: Partial<DoubleKind["remove"]> = {}): DoubleKind {
  const key = `${noun}Id`;
  return {
    key,
    list: { operation: `List${noun}s`, items: `${noun}s`, token: ["NextToken", "NextToken"] },
    remove: { operation: `Delete${noun}`, key, missing, missingStatus: 400, ...remove },
    make: (n, { region, accountId }) => ({
      [key]: `${prefix}-0000000000000000${n}`,
      ...(noun === "Server" ? { IdentityProviderType: "SERVICE_MANAGED" } : {}),
      Arn: `arn:aws:transfer:${region}:${accountId}:${noun.toLowerCase()}/${prefix}-${n}`,
    }),
  };
}

const ofServer =
  (kind: string, item: string) =>
  (store: Store, { ServerId }: Shape) => {
    if (!store.get("server", String(ServerId))) throw new DoubleError(missing, 400, "Unknown server");
    const gone = store.get(kind, String(ServerId));
    return { ServerId, [`${kind}s`]: gone ? [] : [{ [item]: "lab-1", Arn: "arn:aws:transfer:::lab-1" }] };
  };
const removed =
  (kind: string) =>
  (store: Store, { ServerId }: Shape) =>
    store.put(kind, String(ServerId), {});

/** Each server has one user and one agreement until they are deleted. */
export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.TransferClient,
    kinds: {
      server: kind("Server", "s", {
        refuses: ({ ServerId }, store) =>
          store.get("User", String(ServerId)) && store.get("Agreement", String(ServerId))
            ? undefined
            : new DoubleError("ConflictException", 400, "The server has users"),
      }),
      "web-app": kind("WebApp", "webapp"),
      connector: kind("Connector", "c"),
      workflow: kind("Workflow", "w"),
      profile: kind("Profile", "p"),
      certificate: kind("Certificate", "cert"),
    },
    answers: {
      ListUsers: ofServer("User", "UserName"),
      DeleteUser: removed("User"),
      ListAgreements: ofServer("Agreement", "AgreementId"),
      DeleteAgreement: removed("Agreement"),
    },
  }),
};
