"use client";

import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { RuleActs } from "@/components/mail/rule-acts";
import type { RuleJson } from "@/components/mail/rule-json";
import { Page } from "@/components/shell/page";
import { Status } from "@/components/status";
import { Moment } from "@/components/times";
import { consolePaths } from "@/server/paths";

/** The team's defaults: which mail goes to whom, when, unless a workshop says otherwise. */
export function RulesScreen({ rules, mayEdit }: { rules: RuleJson[]; mayEdit: boolean }) {
  const timed = rules.filter((rule) => !rule.byCause);
  const byCause = rules.filter((rule) => rule.byCause);
  return (
    <Page
      title="Mail rules"
      crumbs={[{ text: "Mail", href: consolePaths.mail() }]}
      description={
        mayEdit
          ? "Which mail goes to whom, when. A change holds for each workshop that has no word of its own, and moves what waits there."
          : "Which mail goes to whom, when, unless a workshop says otherwise. Admins change it."
      }
    >
      <SpaceBetween size="l">
        <Rules title="At a time of their own" rules={timed} />
        <Rules title="At once, by what happens" rules={byCause} />
      </SpaceBetween>
    </Page>
  );
}

function Rules({ title, rules }: { title: string; rules: RuleJson[] }) {
  return (
    <Table
      variant="container"
      items={rules}
      trackBy="key"
      wrapLines
      ariaLabels={{ tableLabel: title }}
      header={<Header variant="h2">{title}</Header>}
      columnDefinitions={[
        { id: "label", header: "Mail", isRowHeader: true, minWidth: 150, cell: (rule) => <RuleName rule={rule} /> },
        { id: "when", header: "When", minWidth: 180, cell: (rule) => <RuleWhen rule={rule} /> },
        { id: "to", header: "To", minWidth: 150, cell: (rule) => <RuleTo rule={rule} /> },
        {
          id: "acts",
          header: "Acts",
          minWidth: 70,
          cell: (rule) => <RuleActs rule={rule} workshopId={null} timeZone="UTC" />,
        },
      ]}
    />
  );
}

/** Its name, whether it is off, and whose word it is. */
export function RuleName({ rule }: { rule: RuleJson }) {
  const { label, on, source, changed } = rule;
  return (
    <>
      {label}
      {on ? null : (
        <div>
          <Status noun="message" state="cancelled">
            Off
          </Status>
        </div>
      )}
      {source === "default" || !changed ? null : (
        <Box color="text-body-secondary" fontSize="body-s">
          Changed{changed.by ? ` by ${changed.by}` : ""}
        </Box>
      )}
    </>
  );
}

/** Its time in words, and the instant. */
export function RuleWhen({ rule, timeZone }: { rule: RuleJson; timeZone?: string }) {
  const { words, at, on, note } = rule;
  return (
    <>
      {words.when}
      {on && at ? (
        <Box color="text-body-secondary" fontSize="body-s">
          <Moment at={at} timeZone={timeZone} />
        </Box>
      ) : null}
      {note ? (
        <Box color="text-body-secondary" fontSize="body-s">
          {note}
        </Box>
      ) : null}
    </>
  );
}

/** Whom it reaches, and on what condition. */
export function RuleTo({ rule }: { rule: RuleJson }) {
  const { audience, conditions } = rule.words;
  return (
    <>
      {audience || "–"}
      {conditions.length > 0 ? (
        <Box color="text-body-secondary" fontSize="body-s">
          Only if {conditions.join(" and ")}
        </Box>
      ) : null}
    </>
  );
}
