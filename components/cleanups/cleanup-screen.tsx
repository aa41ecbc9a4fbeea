"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import { CleanupMatrix, MatrixLegend } from "@/components/cleanups/cleanup-matrix";
import { FoundResources } from "@/components/cleanups/found-resources";
import { type PackedCheck, typeWords, unpackChecks } from "@/components/cleanups/matrix";
import { cleanupCause, durationText } from "@/components/cleanups/words";
import { Live } from "@/components/live";
import { Page } from "@/components/shell/page";
import { Status } from "@/components/status";
import { Moment, useNow } from "@/components/times";
import { consolePaths } from "@/server/paths";
import type { CleanupDetail } from "@/server/sandboxes/sandboxes";

type Props = { cleanup: Omit<CleanupDetail, "cells">; checks: readonly PackedCheck[] };

/** One run of the cleaner: where it stands, the matrix of evidence, what was found, what could not be told. */
export function CleanupScreen({ cleanup: head, checks }: Props) {
  const cells = useMemo(() => unpackChecks(checks), [checks]);
  const cleanup: CleanupDetail = { ...head, cells };
  const running = cleanup.state === "running";
  return (
    <Page
      title={`Cleanup of ${cleanup.awsAccountId}`}
      crumbs={[
        { text: "Sandboxes", href: consolePaths.pool() },
        { text: "Cleanups", href: consolePaths.cleanups() },
      ]}
      description={
        cleanup.workshopId ? (
          <>
            Closing of <Link href={consolePaths.workshop(cleanup.workshopId)}>{cleanup.workshopTitle}</Link>
          </>
        ) : (
          cleanupCause(cleanup.cause)
        )
      }
      status={running ? <Live topic="cleanup" id={cleanup.id} /> : undefined}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button href={consolePaths.account(cleanup.accountId)}>The account</Button>
          <Button
            iconName="download"
            href={consolePaths.cleanupEvidence(cleanup.id)}
            download
            disabled={running}
            disabledReason="The evidence is whole once the run has ended"
          >
            Evidence (JSON)
          </Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <Outcome cleanup={cleanup} />
        <Unknown cleanup={cleanup} />
        <Container
          header={
            <Header
              variant="h2"
              description="Services in which something stands come first; the others are one line, which opens. Each cell is what AWS answered when it was listed."
            >
              Services and regions
            </Header>
          }
          footer={<MatrixLegend />}
        >
          <Evidence cleanup={cleanup} />
        </Container>
        <FoundResources resources={cleanup.resources} running={running} />
      </SpaceBetween>
    </Page>
  );
}

function Outcome({ cleanup }: { cleanup: CleanupDetail }) {
  const now = useNow();
  const running = cleanup.state === "running";
  const until = cleanup.endedAt ?? (now === null ? cleanup.heartbeatAt : new Date(now).toISOString());
  return (
    <Container>
      <SpaceBetween size="m">
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Outcome", value: <Status noun="cleanup" state={cleanup.state} /> },
            { label: running ? "Running for" : "Took", value: durationText(cleanup.startedAt, until) },
            {
              label: "Found, removed, left",
              value: `${cleanup.found} found, ${cleanup.removed} removed, ${cleanup.remaining} left`,
            },
            { label: "Lists that failed", value: cleanup.unknown === 0 ? "None" : cleanup.unknown },
            { label: "Started", value: <Moment at={cleanup.startedAt} /> },
            { label: "Passes", value: cleanup.pass },
            { label: "Regions", value: regionWords(cleanup.regions) },
            {
              label: "Calls to AWS",
              value: cleanup.calls > 0 || !running ? cleanup.calls.toLocaleString("en") : "Counted at the end",
            },
            ...(cleanup.machine ? [{ label: "Where", value: cleanup.machine }] : []),
          ]}
        />
        {running ? (
          <ProgressBar
            label={`Pass ${cleanup.pass}`}
            description="Types × regions that were listed. The second proving pass starts a while after the last deletion."
            value={cleanup.checksPerPass > 0 ? (100 * cleanup.checksDone) / cleanup.checksPerPass : 0}
            additionalInfo={`${cleanup.checksDone} of ${cleanup.checksPerPass || "?"}`}
          />
        ) : null}
        {!running && cleanup.reason ? <Box>{cleanup.reason}</Box> : null}
      </SpaceBetween>
    </Container>
  );
}

/** By name where they are few; all of them head the matrix below. */
function regionWords(regions: readonly string[]): string {
  if (regions.length === 0) return "Not known yet";
  return regions.length > 4 ? `${regions.length}, as below` : regions.join(", ");
}

/** What could not be told, in the words of AWS: never clean. */
function Unknown({ cleanup }: { cleanup: CleanupDetail }) {
  const last = cleanup.passes.at(-1);
  const unknown = cleanup.cells.filter((cell) => cell.pass === last && cell.outcome === "UNKNOWN");
  if (unknown.length === 0) return null;
  const one = unknown.length === 1;
  return (
    <Alert
      type={cleanup.state === "running" ? "warning" : "error"}
      header={`${one ? "One list" : `${unknown.length} lists`} failed in pass ${last}: what is there is not known`}
      action={<Button href={consolePaths.account(cleanup.accountId)}>The account</Button>}
    >
      <ul style={{ margin: 0, paddingInlineStart: 20 }}>
        {unknown.slice(0, 12).map((cell) => (
          <li key={`${cell.type} ${cell.region}`}>
            <b>
              {cell.service} {typeWords(cell.type)}
            </b>{" "}
            in {cell.region}: {cell.reason ?? "no answer"}
          </li>
        ))}
      </ul>
      {unknown.length > 12 ? `And ${unknown.length - 12} more, in the matrix below.` : null}
      <Box margin={{ top: "xs" }}>
        An account with such a gap never counts as clean. When the cause is gone, clean the account again.
      </Box>
    </Alert>
  );
}

/** One pass, at first the one in which things were found, beside the last, which proves. */
function Evidence({ cleanup }: { cleanup: CleanupDetail }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const { passes, state } = cleanup;
  const last = passes.at(-1);
  if (last === undefined)
    return <Box color="text-body-secondary">Nothing has been listed yet; the matrix fills as the answers come.</Box>;
  const earlier = passes.filter((pass) => pass !== last);
  const left = earlier.find((pass) => pass === chosen) ?? earlier[0];
  const captionOfLast = {
    running: ", under way",
    clean: ", the second proof",
    dirty: ", the last",
    failed: ", cut off",
  };
  const options = earlier.map((pass) => ({ value: String(pass), label: `Pass ${pass}` }));
  return (
    <SpaceBetween size="m">
      {earlier.length > 1 ? (
        <FormField label={`Beside pass ${last}, show`}>
          <Select
            selectedOption={options.find((option) => option.value === String(left)) ?? null}
            options={options}
            onChange={({ detail }) => setChosen(Number(detail.selectedOption.value))}
          />
        </FormField>
      ) : null}
      <CleanupMatrix
        regions={cleanup.regions}
        checks={cleanup.cells}
        removals={cleanup.resources}
        passes={[
          ...(left === undefined ? [] : [{ pass: left, caption: `Pass ${left}` }]),
          { pass: last, caption: `Pass ${last}${captionOfLast[state]}` },
        ]}
      />
    </SpaceBetween>
  );
}
