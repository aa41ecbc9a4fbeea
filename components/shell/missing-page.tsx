"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { consolePaths } from "@/server/paths";

/** The same words for what does not exist and for what is not open to the reader. */
export function MissingPage({ signedIn }: { signedIn: boolean }) {
  return (
    <ContentLayout defaultPadding={!signedIn} header={<Header variant="h1">There is nothing here</Header>}>
      <SpaceBetween size="l">
        <Box variant="p">
          The page does not exist, or it is not open to you. It may belong to another of your teams.
        </Box>
        {signedIn ? (
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="primary" href={consolePaths.home()}>
              Home
            </Button>
            <Button href={consolePaths.workshops()}>Workshops</Button>
          </SpaceBetween>
        ) : (
          <Button variant="primary" href={consolePaths.signIn()}>
            Sign in
          </Button>
        )}
      </SpaceBetween>
    </ContentLayout>
  );
}
