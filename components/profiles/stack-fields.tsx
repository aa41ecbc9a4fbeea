"use client";

import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { type Fields, fieldId } from "@/components/profiles/profile-fields";
import type { ProfileTyped } from "@/server/sandboxes/schemas";

type Parameter = ProfileTyped["stackParameters"][number];

/** The start-up stack of a profile: template and parameters. */
export function StackFields({ fields: { typed, mayEdit, error, set, leave } }: { fields: Fields }) {
  const list = typed.stackParameters;
  const change = (index: number, part: Partial<Parameter>) =>
    set({ stackParameters: list.map((one, at) => (at === index ? { ...one, ...part } : one)) });
  const control = (index: number, part: keyof Parameter, label: string) => (
    <Input
      controlId={index === 0 && part === "name" ? fieldId("stackParameters") : undefined}
      value={list[index]?.[part] ?? ""}
      readOnly={!mayEdit}
      ariaLabel={`${label} of parameter ${index + 1}`}
      onChange={({ detail }) => change(index, { [part]: detail.value })}
      onBlur={() => leave("stackParameters")}
    />
  );
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="A CloudFormation stack that is made in each account, in the first region, as soon as it is ready. Attendees can enter meanwhile, and see its outputs once it is done."
        >
          Start-up stack
        </Header>
      }
    >
      <SpaceBetween size="l">
        <FormField
          label="Template"
          constraintText="JSON or YAML, no more than 51,200 bytes. It may make IAM roles. Empty = none. Attendees read its outputs: put nothing there that they may not know."
          errorText={error("stackTemplate")}
          stretch
        >
          <div className="code-field">
            <Textarea
              controlId={fieldId("stackTemplate")}
              value={typed.stackTemplate}
              readOnly={!mayEdit}
              rows={10}
              spellcheck={false}
              onChange={({ detail }) => set({ stackTemplate: detail.value })}
              onBlur={() => leave("stackTemplate")}
            />
          </div>
        </FormField>
        <FormField label="Parameters" errorText={error("stackParameters")} stretch>
          <AttributeEditor
            items={list}
            definition={[
              {
                label: "Name",
                control: (_item, index) => control(index, "name", "Name"),
                errorText: (_item, index) => error(`stackParameters.${index}.name`),
              },
              {
                label: "Value",
                control: (_item, index) => control(index, "value", "Value"),
                errorText: (_item, index) => error(`stackParameters.${index}.value`),
              },
            ]}
            addButtonText="Add parameter"
            removeButtonText="Remove"
            disableAddButton={!mayEdit}
            isItemRemovable={() => mayEdit}
            onAddButtonClick={() => set({ stackParameters: [...list, { name: "", value: "" }] })}
            onRemoveButtonClick={({ detail }) =>
              set({ stackParameters: list.filter((_one, index) => index !== detail.itemIndex) })
            }
            empty="No parameters: the template's defaults count."
          />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}
