"use client";

import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import Toggle from "@cloudscape-design/components/toggle";
import { useState, useSyncExternalStore } from "react";
import { signOutEverywhere, switchTeam } from "@/app/(console)/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { Page } from "@/components/shell/page";
import { appearanceWord, densityKey, modeKey, setAppearance, subscribeAppearance } from "@/components/shell/theme";
import { roleWords } from "@/components/status";
import { Feeds, type FeedView } from "@/components/team/feeds";
import { Moment } from "@/components/times";
import { consolePaths } from "@/server/paths";

type Role = keyof typeof roleWords;
type Membership = { teamId: string; teamName: string; role: Role };
type Session = { id: string; createdAt: string; expiresAt: string; current: boolean };
type Props = {
  name: string;
  email: string;
  teamId: string;
  memberships: Membership[];
  feeds: FeedView[];
  sessions: Session[];
};

export function MeScreen({ name, email, teamId, memberships, feeds, sessions }: Props) {
  return (
    <Page title="My settings">
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">Who you are</Header>}>
          <SpaceBetween size="m">
            <KeyValuePairs
              columns={2}
              items={[
                { label: "Name", value: name },
                { label: "Address that codes go to", value: email },
              ]}
            />
            <Box color="text-body-secondary">
              Customers read this name on invitations. There is no password: a code is mailed at each sign-in.
            </Box>
          </SpaceBetween>
        </Container>
        <Appearance />
        <Teams teamId={teamId} memberships={memberships} />
        <Feeds feeds={feeds} />
        <Sessions sessions={sessions} />
      </SpaceBetween>
    </Page>
  );
}

function Appearance() {
  const appearance = useSyncExternalStore(subscribeAppearance, appearanceWord, () => "light comfortable");
  return (
    <Container header={<Header variant="h2">Appearance in this browser</Header>}>
      <SpaceBetween size="s">
        <Toggle
          checked={appearance.startsWith("dark")}
          onChange={({ detail }) => setAppearance(modeKey, detail.checked ? "dark" : "light")}
          description="Follows your system until you choose."
        >
          Dark mode
        </Toggle>
        <Toggle
          checked={appearance.endsWith("compact")}
          onChange={({ detail }) => setAppearance(densityKey, detail.checked ? "compact" : "comfortable")}
          description="More rows on the screen."
        >
          Compact
        </Toggle>
      </SpaceBetween>
    </Container>
  );
}

function Teams({ teamId, memberships }: { teamId: string; memberships: Membership[] }) {
  const { run, pending } = useAction();
  return (
    <Table
      header={
        <Header variant="h2" counter={`(${memberships.length})`}>
          Your teams
        </Header>
      }
      items={memberships}
      trackBy="teamId"
      ariaLabels={{ tableLabel: "Your teams" }}
      columnDefinitions={[
        {
          id: "team",
          header: "Team",
          isRowHeader: true,
          cell: (row) => row.teamName,
        },
        { id: "role", header: "Role", cell: (row) => roleWords[row.role] },
        {
          id: "here",
          header: "This browser",
          cell: (row) =>
            row.teamId === teamId ? (
              <Badge color="blue">Works here now</Badge>
            ) : (
              <Button
                variant="inline-link"
                disabled={pending}
                onClick={async () => {
                  if ((await run(() => switchTeam({ teamId: row.teamId })))?.ok)
                    window.location.assign(consolePaths.home());
                }}
              >
                Work in {row.teamName}
              </Button>
            ),
        },
      ]}
    />
  );
}

function Sessions({ sessions }: { sessions: Session[] }) {
  const { run, pending } = useAction();
  const [asking, setAsking] = useState(false);
  const count = sessions.length === 1 ? "this browser" : `${sessions.length} browsers, this one too`;
  return (
    <>
      <Table
        header={
          <Header
            variant="h2"
            counter={`(${sessions.length})`}
            description="A session ends after twelve hours without use, and seven days after signing in."
            actions={<Button onClick={() => setAsking(true)}>Sign out everywhere</Button>}
          >
            Browsers signed in
          </Header>
        }
        items={sessions}
        trackBy="id"
        ariaLabels={{ tableLabel: "Browsers signed in" }}
        columnDefinitions={[
          {
            id: "since",
            header: "Signed in",
            isRowHeader: true,
            cell: (row) => (
              <>
                <Moment at={row.createdAt} /> {row.current ? <Badge color="blue">This browser</Badge> : null}
              </>
            ),
          },
          { id: "until", header: "Ends without use", cell: (row) => <Moment at={row.expiresAt} /> },
        ]}
      />
      <Confirm
        visible={asking}
        title="Sign out everywhere?"
        label="Sign out everywhere"
        pending={pending}
        onDismiss={() => setAsking(false)}
        onConfirm={async () => {
          if ((await run(() => signOutEverywhere({})))?.ok) window.location.assign(consolePaths.signIn());
        }}
        loses={`You are signed out of ${count}. What was typed there and not saved is lost.`}
      />
    </>
  );
}
