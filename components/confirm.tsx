"use client";

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useEffect, useState } from "react";

type Props = {
  visible: boolean;
  /** The question, e.g. "Cancel Serverless day?" */
  title: string;
  /** What will be lost, and how many. */
  loses?: ReactNode;
  /** The word on the button that does it. */
  label: string;
  /** For big losses: what must be typed before the button works. */
  typed?: string;
  pending: boolean;
  onConfirm(): void;
  onDismiss(): void;
  children?: ReactNode;
};

/** The deliberate second step before something is lost. */
export function Confirm(props: Props) {
  const [text, setText] = useState("");
  useEffect(() => {
    if (!props.visible) setText("");
  }, [props.visible]);
  const ready = !props.typed || text.trim() === props.typed.trim();
  return (
    <Modal
      visible={props.visible}
      onDismiss={props.onDismiss}
      header={props.title}
      closeAriaLabel="Close without doing it"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.onDismiss}>
              Back
            </Button>
            <Button
              variant="primary"
              loading={props.pending}
              disabled={!ready}
              disabledReason={`Type “${props.typed}” above first`}
              onClick={props.onConfirm}
            >
              {props.label}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !props.pending) props.onConfirm();
        }}
      >
        <Form>
          <SpaceBetween size="m">
            {props.loses ? <Alert type="warning">{props.loses}</Alert> : null}
            {props.children}
            {props.typed ? (
              <FormField label={`Type “${props.typed}” to go on`}>
                <Input value={text} onChange={({ detail }) => setText(detail.value)} autoComplete={false} />
              </FormField>
            ) : null}
          </SpaceBetween>
        </Form>
      </form>
    </Modal>
  );
}
