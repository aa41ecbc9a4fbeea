"use client";

import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Page } from "@/components/shell/page";
import { OrganizationStatus, type OrganizationView } from "@/components/team/organization-status";
import { SettingsForm } from "@/components/team/settings-form";
import { consolePaths } from "@/server/paths";
import type { TeamSettings } from "@/server/teams/schemas";

type Props = {
  settings: TeamSettings;
  organization: OrganizationView;
  zones: string[];
  mayEdit: boolean;
  mayReadPool: boolean;
  admins: string[];
};

export function SettingsScreen({ settings, organization, zones, mayEdit, mayReadPool, admins }: Props) {
  return (
    <Page title="Settings" crumbs={[{ text: "Team", href: consolePaths.members() }]}>
      <SpaceBetween size="l">
        {mayEdit ? null : <Alert type="info">Only an admin changes these settings: ask {admins.join(" or ")}.</Alert>}
        <SettingsForm key={JSON.stringify(settings)} settings={settings} zones={zones} mayEdit={mayEdit} />
        <OrganizationStatus organization={organization} mayReadPool={mayReadPool} />
      </SpaceBetween>
    </Page>
  );
}
