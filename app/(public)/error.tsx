"use client";

import { useEffect } from "react";
import { useErrorWords } from "@/app/(public)/parts/error-words";
import { fill } from "@/app/(public)/parts/fill";

export default function PublicError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  useEffect(() => console.error(error), [error]);
  const words = useErrorWords();
  if (!words) return null;
  return (
    <div className="column">
      <main>
        <h1>{words.brokenTitle}</h1>
        <p>{words.brokenBody}</p>
        {error.digest ? (
          <p className="muted small">{fill(words.brokenReference, { reference: error.digest })}</p>
        ) : null}
        <p className="actions">
          <button type="button" className="button" onClick={reset}>
            {words.tryAgain}
          </button>
        </p>
      </main>
    </div>
  );
}
