import * as sdk from "@aws-sdk/client-global-accelerator";
import type { Backing } from "@/server/testing/cleaner/backing";
import { DoubleError, type DoubleKind, defineDouble, type Shape, type Store } from "@/server/testing/double";

const token = ["NextToken", "NextToken"] as const;

/** Accelerators, and inside each the ARNs of listeners and endpoint groups. */
function accelerators(custom: "" | "CustomRouting"): DoubleKind {
  return {
    key: "AcceleratorArn",
    list: { operation: `List${custom}Accelerators`, items: "Accelerators", token },
    remove: {
      operation: `Delete${custom}Accelerator`,
      key: "AcceleratorArn",
      missing: "AcceleratorNotFoundException",
      missingStatus: 400,
      refuses: ({ Enabled, listeners }) => {
        if (Enabled) return new DoubleError("AcceleratorNotDisabledException", 400, "is enabled");
        const left = (listeners as string[]).length > 0;
        return left ? new DoubleError("AssociatedListenerFoundException", 400, "has listeners") : undefined;
      },
    },
    make: (n, { accountId }) => ({
      AcceleratorArn: `arn:aws:globalaccelerator::${accountId}:accelerator/${custom}${n}`,
      Enabled: true,
      Status: "DEPLOYED",
      CreatedTime: new Date(0),
      listeners: ["listener"],
      groups: ["group"],
    }),
  };
}

function inside(custom: "" | "CustomRouting", kind: string) {
  const of = (store: Store, arn: unknown): Shape => {
    const found = store.get(kind, String(arn).split("/listener")[0] ?? "");
    if (!found) throw new DoubleError("AcceleratorNotFoundException", 400, "does not exist");
    return found;
  };
  return {
    [`Describe${custom}Accelerator`]: (store: Store, input: Shape) => ({
      Accelerator: { ...of(store, input.AcceleratorArn) },
    }),
    [`Update${custom}Accelerator`]: (store: Store, input: Shape) => {
      of(store, input.AcceleratorArn).Enabled = input.Enabled;
    },
    [`List${custom}Listeners`]: (store: Store, { AcceleratorArn }: Shape) => ({
      Listeners: (of(store, AcceleratorArn).listeners as string[]).map((id) => ({
        ListenerArn: `${AcceleratorArn}/listener/${id}`,
      })),
    }),
    [`List${custom}EndpointGroups`]: (store: Store, { ListenerArn }: Shape) => ({
      EndpointGroups: (of(store, ListenerArn).groups as string[]).map((id) => ({
        EndpointGroupArn: `${ListenerArn}/endpoint-group/${id}`,
      })),
    }),
    [`Delete${custom}EndpointGroup`]: (store: Store, { EndpointGroupArn }: Shape) => {
      of(store, EndpointGroupArn).groups = [];
    },
    [`Delete${custom}Listener`]: (store: Store, { ListenerArn }: Shape) => {
      const accelerator = of(store, ListenerArn);
      if ((accelerator.groups as string[]).length > 0) throw new DoubleError("AssociatedEndpointGroupFoundException");
      accelerator.listeners = [];
    },
  };
}

export const backing: Backing = {
  double: defineDouble({
    sdk,
    client: sdk.GlobalAcceleratorClient,
    global: true,
    kinds: {
      accelerator: accelerators(""),
      "custom-routing-accelerator": accelerators("CustomRouting"),
      "cross-account-attachment": {
        key: "AttachmentArn",
        list: { operation: "ListCrossAccountAttachments", items: "CrossAccountAttachments", token },
        remove: {
          operation: "DeleteCrossAccountAttachment",
          key: "AttachmentArn",
          missing: "AttachmentNotFoundException",
          missingStatus: 400,
        },
        make: (n, { accountId }) => ({
          AttachmentArn: `arn:aws:globalaccelerator::${accountId}:attachment/${n}`,
          Name: `partner-${n}`,
        }),
      },
    },
    answers: { ...inside("", "accelerator"), ...inside("CustomRouting", "custom-routing-accelerator") },
  }),
};
