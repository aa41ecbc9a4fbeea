"use client";

import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { Moment } from "@/components/times";
import { consolePaths } from "@/server/paths";

export type OrganizationView = {
  slug: string;
  /** Whether the team's organizational units exist. */
  units: boolean;
  /** Null before the first check, "" when all is well, else what is wrong. */
  problem: string | null;
  checkedAt: string | null;
  cloudOff: string | null;
};

/** Whether the team's part of the AWS Organization stands, and what to do when it does not. */
export function OrganizationStatus(props: { organization: OrganizationView; mayReadPool: boolean }) {
  const { slug, units, problem, checkedAt, cloudOff } = props.organization;
  const command = `npm run admin -- organization set-up --team ${slug}`;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="The team's organizational units in AWS, and the guard rails (service control policies) on them. An account is lent only while these are in place."
        >
          AWS Organization
        </Header>
      }
    >
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={3}
          items={[
            {
              label: "Organizational units",
              value: units ? (
                <StatusIndicator type="success">Set up</StatusIndicator>
              ) : (
                <StatusIndicator type="pending">Not set up yet</StatusIndicator>
              ),
            },
            { label: "Guard rails", value: <GuardRails units={units} problem={problem} cloudOff={cloudOff} /> },
            { label: "Last checked", value: checkedAt ? <Moment at={checkedAt} /> : "Never" },
          ]}
        />
        {cloudOff ? <Box>Sandboxes are off: {cloudOff}.</Box> : null}
        {problem ? <Box variant="strong">{problem}</Box> : null}
        {(!units || problem) && !cloudOff ? (
          <Box>
            Whoever keeps the installation runs this once; it can run again at any time and makes only what is missing:
            <Box margin={{ top: "xs" }}>
              <CopyToClipboard
                variant="inline"
                textToCopy={command}
                copyButtonAriaLabel="Copy the command"
                copySuccessText="Copied"
                copyErrorText="The browser did not copy it; select the text"
              />
            </Box>
          </Box>
        ) : null}
        {props.mayReadPool ? <Link href={consolePaths.pool()}>Look at the pool</Link> : null}
      </SpaceBetween>
    </Container>
  );
}

type GuardRailsProps = Pick<OrganizationView, "units" | "problem" | "cloudOff">;

function GuardRails({ units, problem, cloudOff }: GuardRailsProps) {
  if (cloudOff) return <StatusIndicator type="stopped">Not checked: sandboxes are off</StatusIndicator>;
  if (!units) return <StatusIndicator type="pending">Not set up yet</StatusIndicator>;
  if (problem === null) return <StatusIndicator type="pending">Not checked yet</StatusIndicator>;
  if (problem) return <StatusIndicator type="error">Something is wrong</StatusIndicator>;
  return <StatusIndicator type="success">In place</StatusIndicator>;
}
