"use client";

/** When even the frame of a page broke, e.g. because the database is gone: no component of ours can be relied on. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en">
      <body
        style={{ font: "16px/1.5 system-ui, sans-serif", margin: "10vh auto", maxWidth: "36rem", padding: "0 1rem" }}
      >
        <h1>Atelier does not answer now</h1>
        <p>
          Something broke on our side, nothing was changed. Try again in a minute
          {error.digest ? (
            <>
              ; if it stays, tell us the reference <code>{error.digest}</code>
            </>
          ) : null}
          .
        </p>
        <button type="button" onClick={reset}>
          Try again
        </button>
      </body>
    </html>
  );
}
