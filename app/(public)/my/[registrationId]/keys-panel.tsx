"use client";

import { useActionState, useEffect, useRef, useState } from "react";
import { keysAction } from "@/app/(public)/my/[registrationId]/actions";
import { fill } from "@/app/(public)/parts/fill";
import { FormProblem, Submit } from "@/app/(public)/parts/form";
import type { Messages } from "@/server/languages/languages";

type Words = Messages["keys"];

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

function sheets(keys: Keys, words: Words): { id: string; title: string; text: string }[] {
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
    { id: "file", title: words.configFile, text: profile.join("\n") },
  ];
}

/** Copies a text; without script the text itself is there to select. */
export function CopyButton({ text, words }: { text: string; words: Words }) {
  const [state, setState] = useState<"hidden" | "ready" | "copied">("hidden");
  useEffect(() => setState(navigator.clipboard ? "ready" : "hidden"), []);
  if (state === "hidden") return null;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setState("copied");
  };
  return (
    <button type="button" className="button second" onClick={copy}>
      <span aria-live="polite">{state === "copied" ? words.copied : words.copy}</span>
    </button>
  );
}

/** How long the keys still work, counted down with script. */
function TimeLeft(props: { expiresAt: string; until: string; language: string; words: Words }) {
  const { expiresAt, until, language, words } = props;
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
        <strong>{words.expired}</strong> {words.expiredNext}
      </p>
    );
  const time = new Intl.NumberFormat(language, { style: "unit", unit: "minute", unitDisplay: "long" });
  return (
    <p role={minutes !== null && minutes <= 5 ? "status" : undefined}>
      {fill(words.until, { until })}
      {minutes === null ? "" : ` ${fill(words.left, { time: time.format(minutes) })}`}
      {minutes !== null && minutes <= 5 ? ` ${words.goOn}` : ""}
    </p>
  );
}

/** The keys as they are pasted into a shell or a file. */
export function KeySheets({ keys, words }: { keys: Keys; words: Words }) {
  return (
    <fieldset className="tabs">
      <legend className="small muted">{fill(words.pasteInto, { account: keys.awsAccountId })}</legend>
      {sheets(keys, words).flatMap((sheet, index) => [
        <input key={`${sheet.id}-tab`} type="radio" name="sheet" id={sheet.id} defaultChecked={index === 0} />,
        <label key={`${sheet.id}-label`} htmlFor={sheet.id}>
          {sheet.title}
        </label>,
      ])}
      {sheets(keys, words).map((sheet) => (
        <div key={sheet.id} className="sheet">
          {sheet.id === "file" ? (
            <p className="hint">{fill(words.fileHint, { file: "~/.aws/credentials", option: "--profile workshop" })}</p>
          ) : null}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reachable by keyboard */}
          <pre tabIndex={0}>{sheet.text}</pre>
          <CopyButton text={sheet.text} words={words} />
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
  language,
  words,
}: {
  registrationId: string;
  timeZone: string;
  zone: string;
  language: string;
  words: Words;
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
        {words.title}
      </h2>
      {keys ? (
        <>
          <TimeLeft
            expiresAt={keys.expiresAt}
            until={`${new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, clock).format(new Date(keys.expiresAt))} ${zone}`}
            language={language}
            words={words}
          />
          <KeySheets keys={keys} words={words} />
        </>
      ) : (
        <p>{words.explain}</p>
      )}
      <form action={action}>
        <FormProblem answer={answer} />
        <input type="hidden" name="registrationId" value={registrationId} />
        <Submit busy={words.making} className="button second">
          {keys ? words.renew : words.show}
        </Submit>
      </form>
    </section>
  );
}
