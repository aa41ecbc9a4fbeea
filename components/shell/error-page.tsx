"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { consolePaths } from "@/server/paths";

/** A page that broke: what happened, what to do, and the reference under which the log has it. */
export function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <ContentLayout header={<Header variant="h1">This page did not open</Header>}>
      <Alert type="error" header="Something broke on our side">
        <SpaceBetween size="m">
          <div>
            Nothing was changed. Try again; if it stays, tell us the reference
            {error.digest ? (
              <>
                {" "}
                <Box variant="code">{error.digest}</Box>
              </>
            ) : (
              " and what you did"
            )}
            .
          </div>
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="primary" onClick={reset}>
              Try again
            </Button>
            <Button href={consolePaths.home()}>Home</Button>
          </SpaceBetween>
        </SpaceBetween>
      </Alert>
    </ContentLayout>
  );
}
