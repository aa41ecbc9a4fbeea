"use client";

import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";

/** Every state of every noun as a word with a colour and an icon: the only table of them. */

type Look = { type: StatusIndicatorProps.Type; word: string };

const looks = {
  workshop: {
    draft: { type: "pending", word: "Draft" },
    registration: { type: "info", word: "Registration" },
    paused: { type: "stopped", word: "Registration paused" },
    open: { type: "success", word: "Open" },
    closing: { type: "in-progress", word: "Closing" },
    closed: { type: "stopped", word: "Closed" },
    cancelled: { type: "stopped", word: "Cancelled" },
  },
  registration: {
    unverified: { type: "pending", word: "Not confirmed yet" },
    awaiting_approval: { type: "pending", word: "Awaiting approval" },
    rejected: { type: "stopped", word: "Rejected" },
    waitlisted: { type: "pending", word: "On the waitlist" },
    offered: { type: "info", word: "Seat offered" },
    confirmed: { type: "success", word: "Confirmed" },
    attended: { type: "success", word: "Attended" },
    no_show: { type: "stopped", word: "Did not come" },
    cancelled: { type: "stopped", word: "Cancelled" },
    expired: { type: "stopped", word: "Expired" },
  },
  account: {
    available: { type: "success", word: "Available" },
    leased: { type: "info", word: "Leased" },
    cleaning: { type: "in-progress", word: "Cleaning" },
    cooling: { type: "pending", word: "Cooling down" },
    quarantined: { type: "error", word: "Quarantined" },
    retired: { type: "stopped", word: "Retired" },
  },
  lease: {
    reserved: { type: "in-progress", word: "Being prepared" },
    ready: { type: "success", word: "Ready" },
    failed: { type: "error", word: "Failed" },
    closing: { type: "in-progress", word: "Being taken back" },
    revoked: { type: "in-progress", word: "Access gone" },
    ended: { type: "stopped", word: "Ended" },
  },
  step: {
    pending: { type: "pending", word: "Waiting" },
    running: { type: "in-progress", word: "Running" },
    done: { type: "success", word: "Done" },
    failed: { type: "error", word: "Failed" },
    set_aside: { type: "warning", word: "Set aside" },
  },
  cleanup: {
    running: { type: "in-progress", word: "Running" },
    clean: { type: "success", word: "Clean" },
    dirty: { type: "warning", word: "Not clean" },
    failed: { type: "error", word: "Failed" },
  },
  check: {
    empty: { type: "success", word: "Empty" },
    found: { type: "warning", word: "Found" },
    unavailable: { type: "stopped", word: "Unavailable" },
    UNKNOWN: { type: "error", word: "Unknown" },
  },
  resource: {
    found: { type: "info", word: "Found" },
    protected: { type: "stopped", word: "Kept" },
    deleting: { type: "in-progress", word: "Being removed" },
    removed: { type: "success", word: "Removed" },
    failed: { type: "error", word: "Failed" },
  },
  message: {
    scheduled: { type: "pending", word: "Scheduled" },
    queued: { type: "pending", word: "Queued" },
    sending: { type: "in-progress", word: "Being sent" },
    sent: { type: "success", word: "Sent" },
    delivered: { type: "success", word: "Delivered" },
    bounced: { type: "error", word: "Bounced" },
    complained: { type: "error", word: "Complained" },
    suppressed: { type: "warning", word: "Suppressed" },
    failed: { type: "error", word: "Failed" },
    in_doubt: { type: "warning", word: "In doubt" },
    cancelled: { type: "stopped", word: "Not needed any more" },
    too_late: { type: "stopped", word: "Too late to send" },
  },
  invite: {
    made: { type: "pending", word: "Made" },
    mailed: { type: "info", word: "Mailed" },
    opened: { type: "in-progress", word: "Opened" },
    registered: { type: "success", word: "Registered" },
    full: { type: "success", word: "Limit reached" },
    declined: { type: "stopped", word: "Declined" },
    expired: { type: "warning", word: "Expired" },
    revoked: { type: "stopped", word: "Revoked" },
  },
} as const satisfies Record<string, Record<string, Look>>;

export type StatusNoun = keyof typeof looks;
export type StatusOf<N extends StatusNoun> = Extract<keyof (typeof looks)[N], string>;

/** Role of a member, in words. */
export const roleWords = {
  account_manager: "Account manager",
  solutions_architect: "Solutions architect",
  admin: "Admin",
} as const;

function lookOf(noun: StatusNoun, state: string): Look {
  return (looks[noun] as Record<string, Look>)[state] ?? { type: "info", word: state };
}

/** The word of a state, for filters and sentences. */
export function statusWord<N extends StatusNoun>(noun: N, state: StatusOf<N>): string {
  return lookOf(noun, state).word;
}

/** All states of a noun with their words, in the order of the table. */
export function statusOptions<N extends StatusNoun>(noun: N): { value: StatusOf<N>; label: string }[] {
  return Object.entries(looks[noun]).map(([value, look]) => ({ value: value as StatusOf<N>, label: look.word }));
}

/** The state of a row; `children` takes the place of the word where the row has more to say. */
export function Status<N extends StatusNoun>(props: {
  noun: N;
  state: StatusOf<N>;
  children?: ReactNode;
  wrap?: boolean;
}) {
  const look = lookOf(props.noun, props.state);
  return (
    <StatusIndicator type={look.type} wrapText={props.wrap ?? false}>
      {props.children ?? look.word}
    </StatusIndicator>
  );
}

/** A workshop's state; a paused registration has a word of its own. */
export function WorkshopStatus({ state, pausedAt }: { state: StatusOf<"workshop">; pausedAt: string | null }) {
  return <Status noun="workshop" state={state === "registration" && pausedAt ? "paused" : state} />;
}
