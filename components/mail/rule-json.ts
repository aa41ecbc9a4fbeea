import type { RulePreview, RuleRecipient, RuleView } from "@/server/mail/timeline";

/** A mail rule as pages hand it to a screen: instants are ISO 8601. */
export type RuleJson = Omit<RuleView, "at" | "changed"> & {
  at: string | null;
  changed: { by: string | null; at: string } | null;
};

export function ruleJson({ at, changed, ...rule }: RuleView): RuleJson {
  return {
    ...rule,
    at: at?.toISOString() ?? null,
    changed: changed && { by: changed.by, at: changed.at.toISOString() },
  };
}

export type RecipientJson = Omit<RuleRecipient, "at"> & { at: string | null };
export type PreviewJson = Omit<RulePreview, "before" | "after"> & { before: RecipientJson[]; after: RecipientJson[] };

const recipientJson = ({ at, ...recipient }: RuleRecipient) => ({ ...recipient, at: at?.toISOString() ?? null });

export function previewJson({ before, after, ...preview }: RulePreview): PreviewJson {
  return { ...preview, before: before.map(recipientJson), after: after.map(recipientJson) };
}
