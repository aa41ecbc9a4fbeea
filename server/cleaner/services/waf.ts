import {
  DeleteIPSetCommand,
  DeleteRegexPatternSetCommand,
  DeleteRuleGroupCommand,
  DeleteWebACLCommand,
  GetWebACLCommand,
  ListIPSetsCommand,
  ListRegexPatternSetsCommand,
  ListRuleGroupsCommand,
  ListWebACLsCommand,
  type Scope,
  WAFV2Client,
} from "@aws-sdk/client-wafv2";
import { defineService, type Place, type Resource } from "@/server/cleaner/define";

type Summary = { Name?: string; Id?: string; ARN?: string; LockToken?: string };
type Page = { items: readonly Summary[] | undefined; next: string | undefined };

/**
 * Two scopes: things of the region, and those of CloudFront, which live in us-east-1 alone:
 * https://docs.aws.amazon.com/waf/latest/APIReference/API_ListWebACLs.html. The ARN is the id, as distributions name it.
 */
export const service = defineService({
  id: "waf",
  title: "AWS WAF",
  scope: "regional",
  client: (options) => new WAFV2Client(options),
  types: [
    {
      // What it protects goes meanwhile; AWS lets go of it minutes after.
      id: "web-acl",
      deadlineSeconds: 1_800,
      async *list(place) {
        const { client } = place;
        const all = everyScope(place, async (Scope, NextMarker) => {
          const page = await client.send(new ListWebACLsCommand({ Scope, NextMarker, Limit: 100 }));
          return { items: page.WebACLs, next: page.NextMarker };
        });
        for await (const resource of all) {
          const managed = await isManaged(client, resource);
          yield managed ? { ...resource, protected: "run by AWS Firewall Manager of the Organization" } : resource;
        }
      },
      remove: ({ client }, resource) => client.send(new DeleteWebACLCommand(naming(resource))),
    },
    {
      id: "rule-group",
      after: ["waf/web-acl"],
      list: (place) =>
        everyScope(place, async (Scope, NextMarker) => {
          const page = await place.client.send(new ListRuleGroupsCommand({ Scope, NextMarker, Limit: 100 }));
          return { items: page.RuleGroups, next: page.NextMarker };
        }),
      remove: ({ client }, resource) => client.send(new DeleteRuleGroupCommand(naming(resource))),
    },
    {
      id: "ip-set",
      after: ["waf/web-acl", "waf/rule-group"],
      list: (place) =>
        everyScope(place, async (Scope, NextMarker) => {
          const page = await place.client.send(new ListIPSetsCommand({ Scope, NextMarker, Limit: 100 }));
          return { items: page.IPSets, next: page.NextMarker };
        }),
      remove: ({ client }, resource) => client.send(new DeleteIPSetCommand(naming(resource))),
    },
    {
      id: "regex-pattern-set",
      after: ["waf/web-acl", "waf/rule-group"],
      list: (place) =>
        everyScope(place, async (Scope, NextMarker) => {
          const page = await place.client.send(new ListRegexPatternSetsCommand({ Scope, NextMarker, Limit: 100 }));
          return { items: page.RegexPatternSets, next: page.NextMarker };
        }),
      remove: ({ client }, resource) => client.send(new DeleteRegexPatternSetCommand(naming(resource))),
    },
  ],
});

async function* everyScope(
  { region }: Place<WAFV2Client>,
  ask: (scope: Scope, marker: string | undefined) => Promise<Page>,
): AsyncGenerator<Resource> {
  const scopes: Scope[] = region === "us-east-1" ? ["REGIONAL", "CLOUDFRONT"] : ["REGIONAL"];
  for (const scope of scopes) {
    for (let marker: string | undefined; ; ) {
      const { items = [], next } = await ask(scope, marker);
      for (const { ARN = "", Id = "", Name = "", LockToken = "" } of items) {
        yield { id: ARN, data: { Id, Name, LockToken, scope } };
      }
      marker = next;
      if (!marker) break;
    }
  }
}

/** Those of Firewall Manager bear its name; who only takes the name is not believed. */
async function isManaged(client: WAFV2Client, { data }: Resource): Promise<boolean> {
  if (!data?.Name?.startsWith("FMManagedWebACL")) return false;
  const { WebACL } = await client.send(
    new GetWebACLCommand({ Name: data.Name, Id: data.Id, Scope: data.scope as Scope }),
  );
  return WebACL?.ManagedByFirewallManager === true;
}

/** The lock token is that of the list: nobody but the run changes things meanwhile, and the next pass has a new one. */
function naming({ data }: Resource) {
  return { Id: data?.Id, Name: data?.Name, LockToken: data?.LockToken, Scope: data?.scope as Scope };
}
