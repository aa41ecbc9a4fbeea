"use client";

import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import type { StackOutput } from "@/server/aws/cloudformation";

/** What the start-up stack of the reader's own account answered. */
export function OwnOutputs({ outputs }: { outputs: readonly StackOutput[] }) {
  if (outputs.length === 0) return null;
  return (
    <KeyValuePairs
      columns={2}
      items={outputs.map(({ key, value, description }) => ({
        label: description || key,
        value: /^https?:\/\/\S+$/i.test(value) ? (
          <Link href={value} external rel="noopener noreferrer">
            {value}
          </Link>
        ) : (
          value
        ),
      }))}
    />
  );
}
