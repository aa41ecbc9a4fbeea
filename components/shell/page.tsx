"use client";

import Box from "@cloudscape-design/components/box";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";

export type Crumb = { text: string; href: string };

type Props = {
  title: string;
  /** The way to this page, without this page itself. */
  crumbs?: Crumb[];
  description?: ReactNode;
  /** A status beside the title. */
  status?: ReactNode;
  counter?: string;
  actions?: ReactNode;
  /** Between the title and the content, e.g. a life line. */
  below?: ReactNode;
  children: ReactNode;
};

/** The frame of every page of the console: where it is, what it is called, what one can do, and its content. */
export function Page({ title, crumbs, description, status, counter, actions, below, children }: Props) {
  return (
    <ContentLayout
      breadcrumbs={
        crumbs?.length ? (
          <BreadcrumbGroup items={[...crumbs, { text: title, href: "#" }]} ariaLabel="Breadcrumbs" />
        ) : undefined
      }
      header={
        <SpaceBetween size="m">
          {crumbs?.length ? null : <Box padding={{ top: "xs" }} />}
          <Header
            variant="h1"
            counter={counter}
            description={description}
            actions={actions}
            info={
              status ? (
                <Box display="inline-block" padding={{ left: "xs" }}>
                  {status}
                </Box>
              ) : undefined
            }
          >
            {title}
          </Header>
          {below}
        </SpaceBetween>
      }
    >
      {children}
    </ContentLayout>
  );
}
