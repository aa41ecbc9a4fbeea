import * as sdk from "@aws-sdk/client-macie2";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble, type Shape, type Store } from "@/server/testing/double";

function sessionOf(store: Store): Shape {
  const [session] = store.all("session");
  if (session) return session;
  throw new DoubleError("AccessDeniedException", 403, "Macie is not enabled");
}

// There is one session, and no list: the further answers take the place of the kind's.
export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.Macie2Client,
    kinds: {
      session: {
        key: "serviceRole",
        count: 1,
        list: { operation: "GetMacieSession", items: "status" },
        remove: { operation: "DisableMacie", key: "serviceRole", missing: "AccessDeniedException" },
        make: (_, { accountId }) => ({
          status: "PAUSED",
          createdAt: new Date(0),
          serviceRole: `arn:aws:iam::${accountId}:role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie`,
          administrator: { accountId: "210987654321", invitationId: "4c8e2f", relationshipStatus: "Enabled" },
        }),
      },
    },
    answers: {
      GetMacieSession: sessionOf,
      GetAdministratorAccount: (store) => ({ administrator: sessionOf(store).administrator }),
      DisassociateFromAdministratorAccount: (store) => {
        sessionOf(store).administrator = undefined;
      },
      DisableMacie: (store) => {
        const session = sessionOf(store);
        if (session.administrator) throw new DoubleError("ConflictException", 409, "The account has an administrator");
        store.remove("session", String(session.serviceRole));
      },
    },
  }),
};
