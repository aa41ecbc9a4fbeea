"use client";

import { useActionState, useEffect, useRef } from "react";
import { newSecretAction, showSecretAction } from "@/app/(public)/my/[registrationId]/actions";
import { CopyButton, KeySheets } from "@/app/(public)/my/[registrationId]/keys-panel";
import { FormProblem, Submit } from "@/app/(public)/parts/form";
import type { Messages } from "@/server/languages/languages";
import type { MyAccess } from "@/server/sandboxes/sandboxes";

type Access = Extract<MyAccess, { kind: "iam_user" }>;
type Secret = "password" | "access_key";
type Words = Messages["keys"];

/** The IAM user of an account: where to sign in, and the password and the keys, each shown once. */
export function UserPanel(props: { registrationId: string; access: Access; words: Words }) {
  const { registrationId, access, words } = props;
  return (
    <>
      <section className="panel" aria-labelledby="sign-in">
        <h2 id="sign-in">{words.signIn}</h2>
        <dl>
          <dt>{words.signInPage}</dt>
          <dd>
            <code>{access.signInUrl}</code>
          </dd>
          <dt>{words.account}</dt>
          <dd>
            <code>{access.awsAccountId}</code>
          </dd>
          <dt>{words.userName}</dt>
          <dd>
            <code>{access.userName}</code>
          </dd>
        </dl>
        <OnceShown
          registrationId={registrationId}
          secret="password"
          waiting={access.password === "to_show"}
          words={words}
        />
      </section>
      <section className="panel" aria-labelledby="keys">
        <h2 id="keys">{words.title}</h2>
        <p>{words.untilClose}</p>
        <OnceShown
          registrationId={registrationId}
          secret="access_key"
          waiting={access.accessKey === "to_show"}
          words={words}
        />
      </section>
    </>
  );
}

/** A secret that is looked at once; after that it can only be made anew. */
function OnceShown(props: { registrationId: string; secret: Secret; waiting: boolean; words: Words }) {
  const { registrationId, secret, waiting, words } = props;
  const [first, show] = useActionState(showSecretAction, null);
  const [again, renew] = useActionState(newSecretAction, null);
  const box = useRef<HTMLDivElement>(null);
  const value = again?.ok ? again.value : first?.ok ? first.value : null;
  useEffect(() => {
    if (value) box.current?.focus();
  }, [value]);
  const text = words[secret];
  const seen = first !== null && (first.ok || first.code === "conflict");
  const fresh = waiting && !seen && again === null;
  return (
    <>
      {value ? (
        <div ref={box} tabIndex={-1}>
          <p role="status">
            <strong>{text.here}</strong>
          </p>
          {value.kind === "password" ? (
            <>
              <pre>{value.password}</pre>
              <CopyButton text={value.password} words={words} />
            </>
          ) : (
            <KeySheets keys={{ ...value, sessionToken: null }} words={words} />
          )}
        </div>
      ) : (
        <p>{fresh ? text.once : text.gone}</p>
      )}
      <form action={fresh ? show : renew}>
        <FormProblem answer={again ?? first} />
        <input type="hidden" name="registrationId" value={registrationId} />
        <input type="hidden" name="secret" value={secret} />
        <Submit busy={fresh ? words.opening : text.busy} className="button second">
          {fresh ? text.show : text.renew}
        </Submit>
      </form>
    </>
  );
}
