import * as sdk from "@aws-sdk/client-emr";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, defineDouble, type Shape, type Store } from "@/server/testing/double";

const missing = "InvalidRequestException";
const token = ["Marker", "Marker"] as const;

const wanted = (store: Store, { JobFlowIds }: Shape) =>
  (JobFlowIds as string[]).map((id) => {
    const item = store.get("cluster", id);
    if (!item) throw new DoubleError("ValidationException", 400, `The job flow id '${id}' does not exist`);
    return { id, item };
  });

/** The emulator shows one cluster in every region. Here one that ended is there from the start, and stays. */
export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.EMRClient,
    kinds: {
      cluster: {
        key: "Id",
        make: (n) => ({ Id: `j-${n}`, Name: "spark", Status: { State: "WAITING" }, TerminationProtected: true }),
      },
      studio: {
        key: "StudioId",
        list: { operation: "ListStudios", items: "Studios", token },
        remove: { operation: "DeleteStudio", key: "StudioId", missing, missingStatus: 400 },
        make: (n) => ({ StudioId: `es-${n}`, Name: "data", AuthMode: "IAM", CreationTime: new Date(0) }),
      },
      "security-configuration": {
        key: "Name",
        list: { operation: "ListSecurityConfigurations", items: "SecurityConfigurations", token },
        remove: { operation: "DeleteSecurityConfiguration", key: "Name", missing, missingStatus: 400 },
        make: (n) => ({ Name: `sealed-${n}`, CreationDateTime: new Date(0) }),
      },
    },
    answers: {
      ListClusters: (store, { Marker }) => {
        const ended = { Id: "j-ended", Status: { State: "TERMINATED" } };
        if (Marker) return { Clusters: [ended] };
        const Clusters = store.all("cluster");
        for (const { Id, Status } of Clusters) {
          if ((Status as Shape).State === "TERMINATING") store.remove("cluster", String(Id));
        }
        return { Clusters, Marker: "ended" };
      },
      SetTerminationProtection: (store, input) => {
        for (const { id, item } of wanted(store, input)) {
          store.put("cluster", id, { ...item, TerminationProtected: input.TerminationProtected });
        }
      },
      TerminateJobFlows: (store, input) => {
        for (const { id, item } of wanted(store, input)) {
          if (item.TerminationProtected) throw new DoubleError("ValidationException", 400, "It is protected");
          store.put("cluster", id, { ...item, Status: { State: "TERMINATING" } });
        }
      },
    },
  }),
};
