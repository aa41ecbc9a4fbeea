"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { previewQuotas, setQuotas } from "@/app/(console)/workshops/invite-actions";
import { type Answer, useAction } from "@/components/action";
import { FormDialog, seatsTyped } from "@/components/workshops/invitations-tab-forms";
import "@/components/workshops/workshops.css";
import type { QuotaPreview, QuotaRow, Quotas } from "@/server/invites/quotas";

/** "6 of 10 held, 2 waiting". */
function heldText({ held, seatLimit, waiting }: QuotaRow): string {
  const seats = seatLimit === null ? `${held} held, no limit` : `${held} of ${seatLimit} held`;
  return waiting > 0 ? `${seats}, ${waiting} waiting` : seats;
}

/** Who may fill how many seats, at a glance; those who may can change it. */
export function QuotasLine({ quotas, onChange }: { quotas: Quotas; onChange: () => void }) {
  const customers = quotas.customers.filter((row) => row.seatLimit !== null);
  if (quotas.members.length === 0) return null;
  return (
    <Container
      header={
        <Header
          variant="h3"
          description={`${quotas.taken} of ${quotas.capacity} seats of the workshop are held.`}
          actions={quotas.mayEdit ? <Button onClick={onChange}>Change limits</Button> : undefined}
        >
          {quotas.mayEdit ? "Seats by account manager and customer" : "My seats"}
        </Header>
      }
    >
      <ul className="quota-list">
        {[...quotas.members, ...customers].map((row) => (
          <li key={row.id}>
            <span className="any-word">{row.name}</span>{" "}
            <Box variant="span" color="text-body-secondary">
              {heldText(row)}
            </Box>
          </li>
        ))}
      </ul>
    </Container>
  );
}

type Typed = Record<string, string>;
const shownLimit = (limit: number | null) => (limit === null ? "" : String(limit));

/** Limits of account managers and customers: typed, then what they mean, then saved. */
export function QuotasDialog(props: { workshopId: string; quotas: Quotas; onDismiss: () => void }) {
  const { workshopId, quotas, onDismiss } = props;
  const { run, pending } = useAction();
  const [typed, setTyped] = useState<Typed>(() =>
    Object.fromEntries([...quotas.members, ...quotas.customers].map((row) => [row.id, shownLimit(row.seatLimit)])),
  );
  const [added, setAdded] = useState<{ name: string; limit: string }[]>([]);
  const [preview, setPreview] = useState<QuotaPreview | null>(null);
  const [looking, setLooking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const changedRows = (rows: QuotaRow[]) =>
    rows.flatMap((row) => {
      const to = seatsTyped(typed[row.id] ?? "");
      return to === row.seatLimit ? [] : [{ id: row.id, name: row.name, from: row.seatLimit, to }];
    });
  const members = changedRows(quotas.members).map(({ id, from, to }) => ({ id, from, to }));
  const named = added.filter((one) => one.name.trim() !== "" && one.limit.trim() !== "");
  const customers = [
    ...changedRows(quotas.customers).map(({ name, from, to }) => ({ name, from, to })),
    ...named.map((one) => ({ name: one.name, from: null, to: seatsTyped(one.limit) })),
  ];
  const wrong = [...members, ...customers].some(({ to }) => Number.isNaN(to));
  const nothing = members.length + customers.length === 0;
  const input = { workshopId, members, customers };
  const change = (work: () => void) => {
    work();
    setPreview(null);
    setProblem(null);
  };
  const refuse = (answer: Answer<unknown> | null) => {
    if (answer && !answer.ok) setProblem(answer.message);
  };
  const look = async () => {
    setLooking(true);
    try {
      const answer = await previewQuotas(input);
      if (answer.ok) setPreview(answer.value);
      else refuse(answer);
    } catch {
      setProblem("Atelier did not answer. Look at your connection and try again.");
    } finally {
      setLooking(false);
    }
  };
  const save = async () => {
    const answer = await run(() => setQuotas(input), {
      done: ({ moves }) => (moves > 0 ? `The limits are changed; ${moves} moved up.` : "The limits are changed."),
      quiet: ["invalid", "conflict"],
    });
    if (answer?.ok) onDismiss();
    else refuse(answer);
  };
  return (
    <FormDialog
      title="Change limits of seats"
      label={preview ? "Save the limits" : "See what it means"}
      pending={pending || looking}
      disabled={nothing ? "No limit is changed yet" : wrong ? "Seats are whole numbers; empty is no limit" : null}
      size="large"
      onSubmit={preview ? save : look}
      onDismiss={onDismiss}
    >
      <SpaceBetween size="l">
        <Box color="text-body-secondary">
          A limit takes nobody's seat. Empty is no limit of their own; 0 lets nobody in. {quotas.taken} of{" "}
          {quotas.capacity} seats of the workshop are held.
        </Box>
        <Rows title="Account managers" rows={quotas.members} typed={typed} change={change} onType={setTyped} />
        <Rows title="Customers" rows={quotas.customers} typed={typed} change={change} onType={setTyped} />
        {added.map((one, index) => {
          const set = (part: Partial<typeof one>) =>
            change(() => setAdded((all) => all.map((row, at) => (at === index ? { ...row, ...part } : row))));
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows are only added at the end, and have no other name yet.
            <div className="quota-row" key={index}>
              <FormField label="Another customer">
                <Input value={one.name} onChange={({ detail }) => set({ name: detail.value })} />
              </FormField>
              <FormField label="Limit">
                <Input value={one.limit} inputMode="numeric" onChange={({ detail }) => set({ limit: detail.value })} />
              </FormField>
            </div>
          );
        })}
        <Button
          iconName="add-plus"
          formAction="none"
          onClick={() => setAdded((all) => [...all, { name: "", limit: "" }])}
        >
          Limit another customer
        </Button>
        {problem ? (
          <Alert type="error" statusIconAriaLabel="Error">
            {problem}
          </Alert>
        ) : null}
        <div aria-live="polite">
          {preview ? (
            <Alert type="info" header="What it means">
              <ul className="quota-meaning">
                {[...preview.lines, preview.text].map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </Alert>
          ) : null}
        </div>
      </SpaceBetween>
    </FormDialog>
  );
}

function Rows(props: {
  title: string;
  rows: QuotaRow[];
  typed: Typed;
  change: (work: () => void) => void;
  onType: (set: (all: Typed) => Typed) => void;
}) {
  if (props.rows.length === 0) return null;
  return (
    <SpaceBetween size="xs">
      <Box variant="h3">{props.title}</Box>
      {props.rows.map((row) => {
        const value = props.typed[row.id] ?? "";
        return (
          <div className="quota-row" key={row.id}>
            <div className="any-word">
              {row.name}
              <Box color="text-body-secondary" fontSize="body-s">
                {heldText(row)}
              </Box>
            </div>
            <Input
              value={value}
              inputMode="numeric"
              placeholder="No limit"
              ariaLabel={`Limit of ${row.name}`}
              invalid={Number.isNaN(seatsTyped(value))}
              onChange={({ detail }) => props.change(() => props.onType((all) => ({ ...all, [row.id]: detail.value })))}
            />
          </div>
        );
      })}
    </SpaceBetween>
  );
}
