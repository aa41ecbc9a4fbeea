"use client";

import { useEffect } from "react";

export default function PublicError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  useEffect(() => console.error(error), [error]);
  return (
    <div className="column">
      <main>
        <h1>Something broke on our side</h1>
        <p>Nothing that you typed was sent. Try again in a moment.</p>
        {error.digest ? <p className="muted small">If it stays, tell us the reference {error.digest}.</p> : null}
        <p className="actions">
          <button type="button" className="button" onClick={reset}>
            Try again
          </button>
        </p>
      </main>
    </div>
  );
}
