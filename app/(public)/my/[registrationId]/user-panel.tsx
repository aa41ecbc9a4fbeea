"use client";

import { useActionState, useEffect, useRef } from "react";
import { newSecretAction, showSecretAction } from "@/app/(public)/my/[registrationId]/actions";
import { CopyButton, KeySheets } from "@/app/(public)/my/[registrationId]/keys-panel";
import { FormProblem, Submit } from "@/app/(public)/parts/form";
import type { MyAccess } from "@/server/sandboxes/sandboxes";

type Access = Extract<MyAccess, { kind: "iam_user" }>;
type Secret = "password" | "access_key";

/** The IAM user of an account: where to sign in, and the password and the keys, each shown once. */
export function UserPanel({ registrationId, access }: { registrationId: string; access: Access }) {
  return (
    <>
      <section className="panel" aria-labelledby="sign-in">
        <h2 id="sign-in">Signing in</h2>
        <dl>
          <dt>Sign-in page</dt>
          <dd>
            <code>{access.signInUrl}</code>
          </dd>
          <dt>Account</dt>
          <dd>
            <code>{access.awsAccountId}</code>
          </dd>
          <dt>IAM user name</dt>
          <dd>
            <code>{access.userName}</code>
          </dd>
        </dl>
        <OnceShown registrationId={registrationId} secret="password" waiting={access.password === "to_show"} />
      </section>
      <section className="panel" aria-labelledby="keys">
        <h2 id="keys">Keys for the command line</h2>
        <p>They work until the workshop closes.</p>
        <OnceShown registrationId={registrationId} secret="access_key" waiting={access.accessKey === "to_show"} />
      </section>
    </>
  );
}

const words = {
  password: {
    show: "Show the password",
    renew: "Make a new password",
    once: "The password is shown once. Write it down, or let your browser keep it.",
    gone: "The password was shown already. If it is lost, make a new one: the old one stops working at once.",
    here: "Your password. It is not shown again.",
    busy: "Making a new one",
  },
  access_key: {
    show: "Show the keys",
    renew: "Make new keys",
    once: "The keys are shown once. Put them where you use them.",
    gone: "The keys were shown already. If they are lost, make new ones: the old ones stop working at once.",
    here: "Your keys. They are not shown again.",
    busy: "Making new ones",
  },
} as const satisfies Record<Secret, Record<string, string>>;

/** A secret that is looked at once; after that it can only be made anew. */
function OnceShown({ registrationId, secret, waiting }: { registrationId: string; secret: Secret; waiting: boolean }) {
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
              <CopyButton text={value.password} />
            </>
          ) : (
            <KeySheets keys={{ ...value, sessionToken: null }} />
          )}
        </div>
      ) : (
        <p>{fresh ? text.once : text.gone}</p>
      )}
      <form action={fresh ? show : renew}>
        <FormProblem answer={again ?? first} />
        <input type="hidden" name="registrationId" value={registrationId} />
        <input type="hidden" name="secret" value={secret} />
        <Submit busy={fresh ? "Opening" : text.busy} className="button second">
          {fresh ? text.show : text.renew}
        </Submit>
      </form>
    </>
  );
}
