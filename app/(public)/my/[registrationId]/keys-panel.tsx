"use client";

import { useActionState, useEffect, useRef, useState } from "react";
import { keysAction } from "@/app/(public)/my/[registrationId]/actions";
import { FormProblem, Submit } from "@/app/(public)/parts/form";

type Keys = {
  accessKeyId: string;
  secretAccessKey: string;
  /** Null for keys of an IAM user. */
  sessionToken: string | null;
  awsAccountId: string;
  region: string;
  endpointUrl: string | null;
};

function variables(keys: Keys): [string, string][] {
  return [
    ["AWS_ACCESS_KEY_ID", keys.accessKeyId],
    ["AWS_SECRET_ACCESS_KEY", keys.secretAccessKey],
    ...(keys.sessionToken ? [["AWS_SESSION_TOKEN", keys.sessionToken] as [string, string]] : []),
    ["AWS_REGION", keys.region],
    ["AWS_DEFAULT_REGION", keys.region],
    ...(keys.endpointUrl ? [["AWS_ENDPOINT_URL", keys.endpointUrl] as [string, string]] : []),
  ];
}

function sheets(keys: Keys): { id: string; title: string; text: string }[] {
  const pairs = variables(keys);
  const profile = [
    "[workshop]",
    `aws_access_key_id = ${keys.accessKeyId}`,
    `aws_secret_access_key = ${keys.secretAccessKey}`,
    ...(keys.sessionToken ? [`aws_session_token = ${keys.sessionToken}`] : []),
    `region = ${keys.region}`,
    ...(keys.endpointUrl ? [`endpoint_url = ${keys.endpointUrl}`] : []),
  ];
  return [
    { id: "shell", title: "Shell", text: pairs.map(([name, value]) => `export ${name}="${value}"`).join("\n") },
    {
      id: "powershell",
      title: "PowerShell",
      text: pairs.map(([name, value]) => `$Env:${name} = "${value}"`).join("\n"),
    },
    { id: "file", title: "Config file", text: profile.join("\n") },
  ];
}

/** Copies a text; without script the text itself is there to select. */
export function CopyButton({ text }: { text: string }) {
  const [state, setState] = useState<"hidden" | "ready" | "copied">("hidden");
  useEffect(() => setState(navigator.clipboard ? "ready" : "hidden"), []);
  if (state === "hidden") return null;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setState("copied");
  };
  return (
    <button type="button" className="button second" onClick={copy}>
      <span aria-live="polite">{state === "copied" ? "Copied" : "Copy"}</span>
    </button>
  );
}

/** How long the keys still work, counted down with script. */
function TimeLeft({ expiresAt, until }: { expiresAt: string; until: string }) {
  const [minutes, setMinutes] = useState<number | null>(null);
  useEffect(() => {
    const count = () => setMinutes(Math.ceil((new Date(expiresAt).getTime() - Date.now()) / 60_000));
    count();
    const timer = setInterval(count, 5000);
    return () => clearInterval(timer);
  }, [expiresAt]);
  if (minutes !== null && minutes <= 0)
    return (
      <p role="status">
        <strong>These keys have expired.</strong> Make new ones below.
      </p>
    );
  const left = minutes === null ? "" : ` ${minutes === 1 ? "1 minute" : `${minutes} minutes`} left.`;
  return (
    <p role={minutes !== null && minutes <= 5 ? "status" : undefined}>
      They work until {until}.{left}
      {minutes !== null && minutes <= 5 ? " Make new ones to go on." : ""}
    </p>
  );
}

/** The keys as they are pasted into a shell or a file. */
export function KeySheets({ keys }: { keys: Keys }) {
  return (
    <fieldset className="tabs">
      <legend className="small muted">Account {keys.awsAccountId}, paste them into</legend>
      {sheets(keys).flatMap((sheet, index) => [
        <input key={`${sheet.id}-tab`} type="radio" name="sheet" id={sheet.id} defaultChecked={index === 0} />,
        <label key={`${sheet.id}-label`} htmlFor={sheet.id}>
          {sheet.title}
        </label>,
      ])}
      {sheets(keys).map((sheet) => (
        <div key={sheet.id} className="sheet">
          {sheet.id === "file" ? (
            <p className="hint">
              Add to <code>~/.aws/credentials</code>, then use <code>--profile workshop</code>
            </p>
          ) : null}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reachable by keyboard */}
          <pre tabIndex={0}>{sheet.text}</pre>
          <CopyButton text={sheet.text} />
        </div>
      ))}
    </fieldset>
  );
}

/** Temporary keys of the account: made at the click, shown once, gone with the page. */
export function KeysPanel({
  registrationId,
  timeZone,
  zone,
}: {
  registrationId: string;
  timeZone: string;
  zone: string;
}) {
  const [answer, action] = useActionState(keysAction, null);
  const heading = useRef<HTMLHeadingElement>(null);
  const keys = answer?.ok ? answer.value : null;
  useEffect(() => {
    if (keys) heading.current?.focus();
  }, [keys]);
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone } as const;
  return (
    <section className="panel" aria-labelledby="keys">
      <h2 id="keys" ref={heading} tabIndex={-1}>
        Keys for the command line
      </h2>
      {keys ? (
        <>
          <TimeLeft
            expiresAt={keys.expiresAt}
            until={`${new Intl.DateTimeFormat("en-GB", clock).format(new Date(keys.expiresAt))} ${zone}`}
          />
          <KeySheets keys={keys} />
        </>
      ) : (
        <p>They work for an hour, and a click makes new ones. Nobody else sees them, and they are stored nowhere.</p>
      )}
      <form action={action}>
        <FormProblem answer={answer} />
        <input type="hidden" name="registrationId" value={registrationId} />
        <Submit busy="Making keys" className="button second">
          {keys ? "Make new keys" : "Show keys"}
        </Submit>
      </form>
    </section>
  );
}
