"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Moment } from "@/components/times";
import { consolePaths } from "@/server/paths";
import type { AccountAct } from "@/server/sandboxes/lifecycle";
import type { AccountRow } from "@/server/sandboxes/sandboxes";

const mostShown = 5;

type Props = { accounts: readonly AccountRow[]; onAsk: (account: AccountRow, act: AccountAct) => void };

/** What needs somebody now: accounts that are set aside, the oldest first, and lent ones with a problem. */
export function NeedsYou({ accounts, onAsk }: Props) {
  const aside = accounts
    .filter(({ state }) => state === "quarantined")
    .sort((a, b) => a.stateSince.localeCompare(b.stateSince));
  const lent = accounts.filter(({ state, problem }) => state === "leased" && problem !== null);
  if (aside.length + lent.length === 0) return null;
  return (
    <SpaceBetween size="m">
      {aside.length > 0 ? (
        <Alert
          type="error"
          header={aside.length === 1 ? "1 account needs you" : `${aside.length} accounts need you`}
          action={
            aside.length > mostShown ? (
              <Button href={`${consolePaths.pool()}?state=quarantined`}>Show all {aside.length}</Button>
            ) : undefined
          }
        >
          <SpaceBetween size="s">
            {aside.slice(0, mostShown).map((account) => (
              <Quarantined key={account.id} account={account} onAsk={onAsk} />
            ))}
          </SpaceBetween>
        </Alert>
      ) : null}
      {lent.length > 0 ? (
        <Alert
          type="warning"
          header={lent.length === 1 ? "1 lent account has a problem" : `${lent.length} lent accounts have a problem`}
        >
          <SpaceBetween size="xs">
            {lent.slice(0, mostShown).map((account) => (
              <span key={account.id}>
                <Link href={consolePaths.account(account.id)}>{account.awsAccountId}</Link>
                {account.lease ? `, ${account.lease.workshopTitle}` : ""}: {account.problem}
              </span>
            ))}
            {lent.length > mostShown ? <span>and {lent.length - mostShown} more below</span> : null}
          </SpaceBetween>
        </Alert>
      ) : null}
    </SpaceBetween>
  );
}

function Quarantined({ account, onAsk }: { account: AccountRow; onAsk: Props["onAsk"] }) {
  return (
    <SpaceBetween size="xxs">
      <Box>
        <Link href={consolePaths.account(account.id)}>{account.awsAccountId}</Link> since{" "}
        <Moment at={account.stateSince} />: {firstSentence(account.problem ?? account.quarantineReason)}
      </Box>
      <SpaceBetween direction="horizontal" size="xs">
        {account.problem === null ? (
          <Button
            disabled={!account.acts.clean}
            disabledReason="Not in its present state"
            ariaLabel={`Clean again: ${account.awsAccountId}`}
            onClick={() => onAsk(account, "clean")}
          >
            Clean again
          </Button>
        ) : null}
        <Button href={consolePaths.account(account.id)} ariaLabel={`What to do about ${account.awsAccountId}`}>
          What to do
        </Button>
      </SpaceBetween>
    </SpaceBetween>
  );
}

/** What is wrong; the sentences after it say what to do about it. A sentence begins large, so "…" inside of one ends none. */
export function firstSentence(reason: string | null): string {
  return (reason ?? "No reason is known.").split(/(?<=[.!?])\s+(?=\p{Lu})/u)[0] ?? "";
}
