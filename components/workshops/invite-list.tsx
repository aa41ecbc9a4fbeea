"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FileUpload from "@cloudscape-design/components/file-upload";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Pagination from "@cloudscape-design/components/pagination";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import Textarea from "@cloudscape-design/components/textarea";
import { useEffect, useRef, useState } from "react";
import { previewInvitations, sendInvitations } from "@/app/(console)/workshops/invite-actions";
import { type Answer, useAction } from "@/components/action";
import { Page } from "@/components/shell/page";
import { Choose, languageChoices, likelyLanguage, WorksUntil } from "@/components/workshops/invitations-tab-forms";
import "@/components/workshops/workshops.css";
import type { Corrections } from "@/server/invites/address-list";
import type { PreviewedLine, PreviewedList } from "@/server/invites/bulk";
import { decodeList, listLimits, listTooLong } from "@/server/invites/schemas";
import type { Language } from "@/server/languages/kinds";
import { consolePaths } from "@/server/paths";

type Props = {
  workshop: { id: string; title: string; timeZone: string; languages: string[]; draft: boolean };
  owners: { memberId: string; name: string }[];
  manager: boolean;
};

const example = "ana@acme.example, Ana Ruiz, Acme\nben@globex.example, Ben Soto, Globex";
const many = (count: number, one: string) => `${count.toLocaleString("en")} ${count === 1 ? one : `${one}s`}`;

/** Invites a list of addresses: paste or choose a file, look at each line, then send. Nothing goes before the last button. */
export function InviteList({ workshop, owners, manager }: Props) {
  const { run, pending } = useAction();
  const [memberId, setMemberId] = useState(owners.length === 1 ? owners[0]?.memberId : undefined);
  const [language, setLanguage] = useState<Language>(likelyLanguage(workshop.languages));
  const [expires, setExpires] = useState("");
  const [customerName, setCustomerName] = useState("");
  const [note, setNote] = useState("");
  const [list, setList] = useState("");
  const [corrections, setCorrections] = useState<Corrections>({});
  const [preview, setPreview] = useState<PreviewedList | null>(null);
  const [fields, setFields] = useState<Record<string, string>>({});
  const [sent, setSent] = useState<{ sent: number; left: number } | null>(null);

  const input = (changed: Corrections) => ({
    workshopId: workshop.id,
    memberId: manager ? undefined : memberId,
    locale: language,
    expiresOn: expires || null,
    customerName: customerName.trim() || undefined,
    note: note.trim() || undefined,
    list,
    corrections: changed,
  });
  const refuse = (answer: Answer<unknown> | null) => {
    if (answer && !answer.ok)
      setFields(Object.keys(answer.fields).length > 0 ? answer.fields : { list: answer.message });
  };
  const look = async (changed: Corrections) => {
    const long = listTooLong(list);
    if (long) return setFields({ list: long });
    const answer = await run(() => previewInvitations(input(changed)), { quiet: ["invalid", "not_ready"] });
    if (!answer?.ok) return refuse(answer);
    setFields({});
    setCorrections(changed);
    setPreview(answer.value);
  };
  const send = async () => {
    const answer = await run(() => sendInvitations(input(corrections)), { quiet: ["invalid", "not_ready"] });
    if (answer?.ok) setSent(answer.value);
    else refuse(answer);
  };
  const change = (work: () => void) => {
    work();
    setPreview(null);
    setCorrections({});
  };
  const again = () =>
    change(() => {
      setList("");
      setSent(null);
    });
  const links = consolePaths.workshop(workshop.id, "invitations");
  return (
    <Page
      title="Invite a list"
      crumbs={[
        { text: "Workshops", href: consolePaths.workshops() },
        { text: workshop.title, href: consolePaths.workshop(workshop.id) },
        { text: "Invitations", href: links },
      ]}
      description="Each address gets a link of its own by mail: filled in already, used once, for one seat."
    >
      {sent ? (
        <Done sent={sent} href={links} onAgain={again} />
      ) : (
        <SpaceBetween size="l">
          {workshop.draft ? (
            <Alert type="info">
              Registration is not open yet. The list can be looked at; it can be sent once registration is open, since
              until then the links lead nowhere.
            </Alert>
          ) : null}
          <Container header={<Header variant="h2">The list</Header>}>
            <SpaceBetween size="m">
              <ListField list={list} error={fields.list} onChange={(text) => change(() => setList(text))} />
              {manager ? null : (
                <Choose
                  label="Whose links"
                  value={memberId}
                  options={owners.map((one) => ({ value: one.memberId, label: one.name }))}
                  placeholder="Choose an account manager"
                  error={fields.memberId}
                  onChange={(value) => change(() => setMemberId(value))}
                />
              )}
              <Choose
                label="Language of the mail"
                value={language}
                options={languageChoices}
                onChange={(value) => setLanguage(value as Language)}
              />
              <FormField
                label="Customer"
                description="For lines without a company; may be empty."
                errorText={fields.customerName}
              >
                <Input value={customerName} onChange={({ detail }) => setCustomerName(detail.value)} />
              </FormField>
              <WorksUntil
                value={expires}
                timeZone={workshop.timeZone}
                error={fields.expiresAt ?? fields.expiresOn}
                onChange={setExpires}
              />
              <FormField label="Note" description="For the team. No names." errorText={fields.note}>
                <Input value={note} onChange={({ detail }) => setNote(detail.value)} />
              </FormField>
              <Button
                variant={preview ? "normal" : "primary"}
                loading={pending && !preview}
                disabled={list.trim() === ""}
                disabledReason="Paste at least one address, or choose a file"
                onClick={() => look(corrections)}
              >
                Look at each line
              </Button>
            </SpaceBetween>
          </Container>
          {preview ? (
            <Preview
              preview={preview}
              corrections={corrections}
              pending={pending}
              whyNot={workshop.draft ? "Open registration first: until then the links lead nowhere" : null}
              onCorrect={look}
              onSend={send}
            />
          ) : null}
        </SpaceBetween>
      )}
    </Page>
  );
}

/** The text, pasted or read from a file in whatever letters it was written. The file is read here and not kept. */
function ListField(props: { list: string; error: string | undefined; onChange: (text: string) => void }) {
  const [files, setFiles] = useState<File[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const read = async (chosen: File[]) => {
    setFiles(chosen);
    setProblem(null);
    const [file] = chosen;
    if (!file) return;
    // In UTF-16 each letter has two bytes.
    if (file.size > 2 * listLimits.bytes)
      return setProblem(
        `This file is larger than ${listLimits.lines.toLocaleString("en")} addresses. Keep the columns of address, name and company, and split it.`,
      );
    const text = decodeList(new Uint8Array(await file.arrayBuffer()));
    const long = listTooLong(text);
    if (long) return setProblem(long);
    props.onChange(text);
  };
  return (
    <SpaceBetween size="m">
      <FormField
        label="A file"
        description={`CSV or text, of at most ${listLimits.lines.toLocaleString("en")} lines: address, name, company, in any order with a header.`}
        errorText={problem}
      >
        <FileUpload
          value={files}
          onChange={({ detail }) => read(detail.value)}
          accept=".csv,.tsv,.txt,text/csv,text/plain"
          showFileSize
          i18nStrings={{
            uploadButtonText: () => "Choose a file",
            dropzoneText: () => "Drop a file here",
            removeFileAriaLabel: () => "Forget this file",
            limitShowFewer: "Show fewer",
            limitShowMore: "Show more",
            errorIconAriaLabel: "Error",
          }}
        />
      </FormField>
      <FormField
        stretch
        label="Or addresses, one a line"
        description="Alone, or with a name and a company after them."
        errorText={props.error}
      >
        <Textarea
          value={props.list}
          rows={8}
          spellcheck={false}
          placeholder={example}
          onChange={({ detail }) => props.onChange(detail.value)}
        />
      </FormField>
    </SpaceBetween>
  );
}

type Show = "problems" | "all";
type Draft = { email: string; name: string; company: string };
const pageSize = 25;

function Preview(props: {
  preview: PreviewedList;
  corrections: Corrections;
  pending: boolean;
  whyNot: string | null;
  onCorrect: (corrections: Corrections) => void;
  onSend: () => void;
}) {
  const { preview, corrections, pending } = props;
  const bad = preview.lines.filter((line) => line.problem);
  const skipped = preview.lines.filter((line) => line.skipped).length;
  const [show, setShow] = useState<Show>(bad.length > 0 ? "problems" : "all");
  const [page, setPage] = useState(1);
  const [drafts, setDrafts] = useState<Record<string, Draft>>({});
  const shown = show === "problems" ? bad : preview.lines;
  const pages = Math.max(1, Math.ceil(shown.length / pageSize));
  const at = Math.min(page, pages);
  const correct = (more: Corrections) => {
    setDrafts({});
    props.onCorrect({ ...corrections, ...drafts, ...more });
  };
  const summary = [
    `${many(preview.good, "invitation")} can go`,
    bad.length > 0 ? `${many(bad.length, "line")} with a problem` : "",
    skipped > 0 ? `${many(skipped, "line")} left out` : "",
  ];
  const waiting = Object.keys(drafts).length;
  return (
    <Table
      items={shown.slice((at - 1) * pageSize, at * pageSize)}
      trackBy={(line) => String(line.line)}
      wrapLines
      ariaLabels={{ tableLabel: "The lines of the list" }}
      header={
        <SpaceBetween size="s">
          <Header
            variant="h2"
            description={`${summary.filter(Boolean).join(", ")}. Lines with a problem are left out and stop no other.`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {waiting > 0 ? (
                  <Button loading={pending} onClick={() => correct({})}>
                    Check {many(waiting, "line")} again
                  </Button>
                ) : null}
                <Button
                  variant="primary"
                  loading={pending}
                  disabled={preview.good === 0 || props.whyNot !== null || waiting > 0}
                  disabledReason={
                    props.whyNot ?? (waiting > 0 ? "Check the lines that you changed first" : "No line can be sent")
                  }
                  onClick={props.onSend}
                >
                  Send {many(preview.good, "invitation")}
                </Button>
              </SpaceBetween>
            }
          >
            What would go
          </Header>
          <SegmentedControl
            label="Lines to show"
            selectedId={show}
            onChange={({ detail }) => {
              setShow(detail.selectedId as Show);
              setPage(1);
            }}
            options={[
              { id: "problems", text: `Problems (${bad.length})` },
              { id: "all", text: `All lines (${preview.lines.length})` },
            ]}
          />
          {pending ? <StatusIndicator type="in-progress">Working through the list</StatusIndicator> : null}
        </SpaceBetween>
      }
      empty={<Box color="text-body-secondary">No line has a problem.</Box>}
      pagination={
        pages > 1 ? (
          <Pagination
            currentPageIndex={at}
            pagesCount={pages}
            onChange={({ detail }) => setPage(detail.currentPageIndex)}
            ariaLabels={{
              nextPageLabel: "Next page",
              previousPageLabel: "Previous page",
              pageLabel: (number) => `Page ${number}`,
            }}
          />
        ) : undefined
      }
      columnDefinitions={lineColumns({
        drafts,
        onDraft: (line, draft) => setDrafts((all) => ({ ...all, [line.line]: draft })),
        onSkip: (line) => correct({ [line.line]: null }),
        onTake: (line) => {
          const { [line.line]: _taken, ...others } = corrections;
          setDrafts({});
          props.onCorrect({ ...others, ...drafts });
        },
      })}
    />
  );
}

function lineColumns(tools: {
  drafts: Record<string, Draft>;
  onDraft: (line: PreviewedLine, draft: Draft) => void;
  onSkip: (line: PreviewedLine) => void;
  onTake: (line: PreviewedLine) => void;
}) {
  const field = (part: keyof Draft, label: string) => (line: PreviewedLine) => {
    const draft = tools.drafts[line.line];
    if (!line.problem) return <span className="any-word">{line[part] || "–"}</span>;
    const now = draft ?? { email: line.email, name: line.name, company: line.company };
    return (
      <Input
        value={now[part]}
        ariaLabel={`${label} in line ${line.line}`}
        invalid={part === "email" && !draft}
        onChange={({ detail }) => tools.onDraft(line, { ...now, [part]: detail.value })}
      />
    );
  };
  return [
    { id: "line", header: "Line", width: 70, isRowHeader: true, cell: (line: PreviewedLine) => line.line },
    { id: "email", header: "E-mail", minWidth: 200, cell: field("email", "E-mail") },
    { id: "name", header: "Name", minWidth: 140, cell: field("name", "Name") },
    { id: "company", header: "Company", minWidth: 130, cell: field("company", "Company") },
    { id: "what", header: "What happens", minWidth: 180, cell: (line: PreviewedLine) => <What line={line} /> },
    {
      id: "acts",
      header: "Leave out",
      width: 120,
      cell: (line: PreviewedLine) => (
        <Button
          variant="inline-link"
          ariaLabel={line.skipped ? `Take line ${line.line} again` : `Leave out line ${line.line}`}
          onClick={() => (line.skipped ? tools.onTake(line) : tools.onSkip(line))}
        >
          {line.skipped ? "Take it again" : "Leave out"}
        </Button>
      ),
    },
  ];
}

function What({ line }: { line: PreviewedLine }) {
  if (line.skipped) return <StatusIndicator type="stopped">Left out</StatusIndicator>;
  if (line.problem)
    return (
      <StatusIndicator type="error" wrapText>
        {line.problem}
      </StatusIndicator>
    );
  return line.warning ? (
    <StatusIndicator type="warning" wrapText>
      {line.warning}
    </StatusIndicator>
  ) : (
    <StatusIndicator type="success">Goes</StatusIndicator>
  );
}

function Done(props: { sent: { sent: number; left: number }; href: string; onAgain: () => void }) {
  const { sent, left } = props.sent;
  const title = useRef<HTMLDivElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <div ref={title} tabIndex={-1}>
      <Alert
        type={sent > 0 ? "success" : "info"}
        header={sent > 0 ? `${many(sent, "invitation")} on the way` : "Nothing was left to send"}
        action={<Button href={props.href}>See them go</Button>}
      >
        <SpaceBetween size="s">
          <div>
            {left > 0
              ? `${many(left, "line")} ${left === 1 ? "was" : "were"} left out: with a problem, by choice, or invited already. `
              : ""}
            The mails go at the pace that the mail service allows; this page need not stay open.
          </div>
          <Button variant="inline-link" onClick={props.onAgain}>
            Invite another list
          </Button>
        </SpaceBetween>
      </Alert>
    </div>
  );
}
