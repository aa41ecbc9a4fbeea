"use client";

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FileInput from "@cloudscape-design/components/file-input";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { removeLogo, saveLogo } from "@/app/(console)/mail/texts/actions";
import { useAction } from "@/components/action";
import { Page } from "@/components/shell/page";
import { type Column, DataTable } from "@/components/table";
import type { MailTextSummary } from "@/server/mail/texts";
import { consolePaths } from "@/server/paths";

const languages = [
  ["en", "English"],
  ["es", "Español"],
  ["pt", "Português"],
  ["it", "Italiano"],
  ["fr", "Français"],
] as const;

type Logo = { url: string; width: number; height: number };
type Props = { texts: MailTextSummary[]; logo: Logo | null; mayEditLogo: boolean };

/** Mails to customers by kind and language, and which of them speak with the team's own words. */
export function TextsScreen({ texts, logo, mayEditLogo }: Props) {
  return (
    <Page
      title="Words of mails"
      crumbs={[{ text: "Mail", href: consolePaths.mail() }]}
      description="What mails to customers say. Links, dates, attachments and why a mail comes are added by Atelier."
    >
      <SpaceBetween size="l">
        <DataTable
          id="mail-texts"
          title="Mails"
          items={texts}
          columns={columns}
          rowId={(row) => row.kind}
          placeholder="Find a mail"
          empty={{ title: "No mail has words to change" }}
        />
        <LogoPanel logo={logo} mayEdit={mayEditLogo} />
      </SpaceBetween>
    </Page>
  );
}

const columns: Column<MailTextSummary>[] = [
  { id: "label", header: "Mail", rowHeader: true, minWidth: 180, value: (row) => row.label, cell: (row) => row.label },
  {
    id: "languages",
    header: "Words",
    minWidth: 320,
    cell: (row) => (
      <SpaceBetween direction="horizontal" size="m">
        {languages.map(([language, name]) => {
          const own = row.own.includes(language);
          return (
            <span key={language}>
              <Link
                href={consolePaths.mailText(row.kind, language)}
                ariaLabel={`${row.label} in ${name}${own ? ", own words" : ""}`}
              >
                {name}
              </Link>
              {own ? <Box variant="small"> own</Box> : null}
            </span>
          );
        })}
      </SpaceBetween>
    ),
  },
  {
    id: "own",
    header: "Own words in",
    minWidth: 120,
    value: (row) => row.own.length,
    cell: (row) => (row.own.length === 0 ? "None" : `${row.own.length} of ${languages.length} languages`),
  },
];

function LogoPanel({ logo, mayEdit }: { logo: Logo | null; mayEdit: boolean }) {
  const { run, pending } = useAction();
  const [problem, setProblem] = useState("");
  const take = async (file: File | undefined) => {
    setProblem("");
    if (!file) return;
    if (file.size > 200 * 1024) return setProblem("The picture is larger than 200 KB. 480 pixels wide is enough.");
    const base64 = inBase64(new Uint8Array(await file.arrayBuffer()));
    const answer = await run(() => saveLogo({ base64 }), {
      done: "Mails show the logo from now on.",
      quiet: ["invalid"],
    });
    if (answer && !answer.ok) setProblem(answer.message);
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="At the head of every mail of the team. Colour and sender are in the settings."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button href={consolePaths.settings()}>Colour and sender</Button>
              {logo ? (
                <Button
                  loading={pending}
                  disabled={!mayEdit}
                  disabledReason="Only an admin of the team changes its logo"
                  onClick={() => void run(() => removeLogo({}), { done: "Mails show the team's name alone." })}
                >
                  Remove logo
                </Button>
              ) : null}
            </SpaceBetween>
          }
        >
          Logo
        </Header>
      }
    >
      <SpaceBetween size="m">
        {logo ? (
          // biome-ignore lint/performance/noImgElement: it comes with the page, there is nothing to load or to make smaller.
          <img src={logo.url} width={logo.width} height={logo.height} alt="The team's logo" />
        ) : (
          <Box color="text-body-secondary">Mails show the team's name.</Box>
        )}
        {mayEdit ? (
          <FormField
            errorText={problem}
            constraintText="PNG or JPEG, at most 200 KB, shown at most 240 × 72 pixels large."
          >
            <FileInput
              value={[]}
              accept="image/png,image/jpeg"
              onChange={({ detail }) => void take(detail.value[0])}
              ariaLabel="Choose a logo"
            >
              {logo ? "Choose another" : "Choose a logo"}
            </FileInput>
          </FormField>
        ) : null}
      </SpaceBetween>
    </Container>
  );
}

function inBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return window.btoa(text);
}
