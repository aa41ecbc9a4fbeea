"use client";

import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { deleteProfile } from "@/app/(console)/team/profiles/actions";
import { useAction } from "@/components/action";
import { Confirm } from "@/components/confirm";
import { ProfileForm } from "@/components/profiles/profile-form";
import { Page } from "@/components/shell/page";
import { consolePaths } from "@/server/paths";
import type { ProfileDetail } from "@/server/sandboxes/sandboxes";

type Props = { profile: ProfileDetail | null; region: string; mayEdit: boolean };

/** One sandbox profile, or a new one (null). */
export function ProfileScreen({ profile, region, mayEdit }: Props) {
  return (
    <Page
      title={profile?.name ?? "New sandbox profile"}
      crumbs={[
        { text: "Team", href: consolePaths.members() },
        { text: "Sandbox profiles", href: consolePaths.profiles() },
      ]}
      actions={profile && mayEdit ? <DeleteProfile profile={profile} /> : undefined}
    >
      <SpaceBetween size="l">
        {mayEdit ? null : <Alert type="info">Only an admin changes sandbox profiles.</Alert>}
        {profile && mayEdit && profile.liveLeases > 0 ? (
          <Alert type="warning" header={`${accounts(profile.liveLeases)} lent under this profile now`}>
            A change of regions or services reaches them too, within some minutes. Permissions, the way in and the
            start-up stack count for accounts that are lent from then on.
          </Alert>
        ) : null}
        <ProfileForm key={keyOf(profile)} profile={profile} region={region} mayEdit={mayEdit} />
      </SpaceBetween>
    </Page>
  );
}

/** What was stored begins anew: how it is written may differ from how it was typed. */
const keyOf = (profile: ProfileDetail | null) => JSON.stringify({ ...profile, workshops: 0, liveLeases: 0 });

const accounts = (count: number) => (count === 1 ? "1 account is" : `${count} accounts are`);

function DeleteProfile({ profile }: { profile: ProfileDetail }) {
  const [asked, setAsked] = useState(false);
  const { run, pending } = useAction();
  const router = useRouter();
  return (
    <>
      <Button
        disabled={profile.workshops > 0}
        disabledReason={`${profile.workshops === 1 ? "A workshop uses" : `${profile.workshops} workshops use`} it. Only one that none uses can be deleted.`}
        onClick={() => setAsked(true)}
      >
        Delete
      </Button>
      <Confirm
        visible={asked}
        title={`Delete ${profile.name}?`}
        loses="The profile goes with its permissions and its start-up stack. This cannot be undone."
        label="Delete"
        pending={pending}
        onDismiss={() => setAsked(false)}
        onConfirm={async () => {
          const answer = await run(() => deleteProfile({ profileId: profile.id }), { done: "The profile is deleted." });
          setAsked(false);
          if (answer?.ok) router.push(consolePaths.profiles());
        }}
      />
    </>
  );
}
