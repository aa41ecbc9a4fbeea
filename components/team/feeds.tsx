"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { createFeed, revokeFeed } from "@/app/(console)/me/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { Moment } from "@/components/times";
import type { CalendarFeedScope } from "@/server/workshops/schemas";

export type FeedView = { scope: CalendarFeedScope; feed: { id: string; link: string; createdAt: string } | null };

const words: Record<CalendarFeedScope, { name: string; holds: string }> = {
  presenting: { name: "Workshops I present", holds: "With the seats taken" },
  inviting: { name: "Workshops I invite to", holds: "With the seats taken through you" },
  team: { name: "All workshops of the team", holds: "With the seats taken" },
};

/** The member's own calendars to subscribe to: made, copied, revoked. */
export function Feeds({ feeds }: { feeds: FeedView[] }) {
  const { run, pending } = useAction();
  const [asking, setAsking] = useState<FeedView | null>(null);
  return (
    <>
      <Table
        header={
          <Header
            variant="h2"
            description="Add the address to Outlook, Google or Apple Calendar as a calendar from the internet. Whoever has the address can read it, so treat it as a password. No attendee is named in it."
          >
            Calendars to subscribe to
          </Header>
        }
        items={feeds}
        trackBy="scope"
        ariaLabels={{ tableLabel: "Calendars to subscribe to" }}
        columnDefinitions={[
          {
            id: "name",
            header: "Calendar",
            isRowHeader: true,
            cell: ({ scope }) => (
              <>
                {words[scope].name}
                <Box color="text-body-secondary" fontSize="body-s">
                  {words[scope].holds}
                </Box>
              </>
            ),
          },
          { id: "since", header: "Made", cell: ({ feed }) => (feed ? <Moment at={feed.createdAt} /> : "Not made") },
          {
            id: "acts",
            header: "Address",
            cell: (row) => {
              const { scope, feed } = row;
              const { name } = words[scope];
              if (!feed)
                return (
                  <Button
                    variant="inline-link"
                    disabled={pending}
                    ariaLabel={`Make the address of ${name}`}
                    onClick={() => run(() => createFeed({ scope }), { done: "The calendar has an address. Copy it." })}
                  >
                    Make the address
                  </Button>
                );
              return (
                <SpaceBetween direction="horizontal" size="xs">
                  <CopyToClipboard
                    textToCopy={feed.link}
                    copyButtonText="Copy address"
                    copyButtonAriaLabel={`Copy the address of ${name}`}
                    copySuccessText="Address copied"
                    copyErrorText="The address could not be copied"
                  />
                  <Button ariaLabel={`Revoke ${name}`} onClick={() => setAsking(row)}>
                    Revoke
                  </Button>
                </SpaceBetween>
              );
            },
          },
        ]}
      />
      <Confirm
        visible={asking !== null}
        title={`Revoke ${asking ? words[asking.scope].name : ""}?`}
        label="Revoke"
        pending={pending}
        onDismiss={() => setAsking(null)}
        onConfirm={async () => {
          const feedId = asking?.feed?.id;
          if (feedId) await run(() => revokeFeed({ feedId }), { done: "The address is revoked." });
          setAsking(null);
        }}
        loses="Calendars that subscribe to it get nothing more. A new address can be made at any time."
      />
    </>
  );
}
