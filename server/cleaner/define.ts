/**
 * What a service file says. Each file in `services/` exports one `service = defineService({ … })`: data, and for each type
 * of resource a list and a way to remove. `docs/cleaner.md` shows how to add one.
 *
 * Glossary: a **type** is a kind of resource ("sqs/queue"); a **place** is where calls go: one account, one region, one
 * service; a **cell** is one type in one region, the unit of evidence.
 */
import type { AnyClient, ClientOptions } from "@/server/aws/clients";
import { isMissing } from "@/server/cleaner/failures";
import type { RoleFacts } from "@/server/cleaner/protect";

/** One thing in an account, kept small: a run holds those that are not gone yet. */
export type Resource = {
  /** Unique among its type and region: name, id or ARN, whatever `remove` needs. */
  id: string;
  createdAt?: Date;
  /** Ids of resources that this one uses and that cannot go before it: they wait until it is gone. */
  refs?: readonly string[];
  /** Why it must stay. It is listed in the plan with this reason, never removed, and does not count against "clean". */
  protected?: string;
  /** Its removal is under way already, or follows from another's: it is only waited for. */
  going?: boolean;
  /** In place of its type's. */
  deadlineSeconds?: number;
  /** What `remove` needs besides the id. */
  data?: Readonly<Record<string, string>>;
};

/** Thrown where a removal was begun that AWS ends in hours or days: trying again in this run is of no use. */
export class RemovedLater extends Error {
  override name = "RemovedLater";
}

/** Where a service file's functions act. */
export type Place<C> = {
  client: C;
  /** The region of the client; for global services the partition's home region. */
  region: string;
  accountId: string;
  partition: string;
  /** A client for another region of the same account, e.g. that of a bucket. */
  inRegion(region: string): C;
  /** Why this IAM role must stay, or undefined. */
  protectedRole(role: RoleFacts): string | undefined;
  /** Rejects when the run ends. */
  wait(milliseconds: number): Promise<void>;
};

/**
 * When a type's turn comes. What is only waited for (`going`) keeps no later stage waiting. `first`: it makes other resources, so its removal is asked for before any other's (and not
 * waited for). `late`: after everything of the stages before is gone, e.g. logs, which the others still write. `last`:
 * keys, which the others still need.
 */
export type Stage = "first" | "main" | "late" | "last";

export type ResourceType<C> = {
  /** Singular, kebab-case: "queue". Others name it as "<service>/<type>". */
  id: string;
  /** Yields everything there is, page by page, and throws what it cannot list. Never catches AccessDenied. */
  list(place: Place<C>): AsyncIterable<Resource>;
  stage?: Stage;
  /** Types, as "<service>/<type>", that go before this one (in the same region; in all, if either is global). */
  after?: readonly string[];
  /** Called before each try of `remove`: takes off protection, detaches, empties. What it misses is taken as done. */
  prepare?(place: Place<C>, resource: Resource): Promise<unknown>;
  /** Asks for the removal and does not wait for it. "Not found" counts as gone. */
  remove(place: Place<C>, resource: Resource): Promise<unknown>;
  /**
   * How to see that it has gone, for removals that take time. "listed": it no longer appears in `list` (one call for all
   * that are pending). Left out: gone once `remove` has answered. Either way the next pass looks again.
   */
  gone?: "listed" | ((place: Place<C>, resource: Resource) => Promise<boolean>);
  /** How long a removal may take, from its first try. Default 180. */
  deadlineSeconds?: number;
  /** The rule by which an error of `list` means that the service is not offered here. Anything else is UNKNOWN. */
  unavailable?(error: Error): string | undefined;
};

export type ServiceDefinition<C extends AnyClient> = {
  /** Kebab-case, as the file's name. */
  id: string;
  /** For people: "Amazon SQS". */
  title: string;
  scope: "regional" | "global";
  client(options: ClientOptions): C;
  types: readonly ResourceType<C>[];
};

/** A service with its client type hidden: what the engine works with. */
export type Service = {
  id: string;
  title: string;
  scope: "regional" | "global";
  client(options: ClientOptions): AnyClient;
  types: readonly BoundType[];
};

/** A type whose functions take any place: `defineService` guarantees that it is one with the service's own client. */
export type BoundType = Omit<ResourceType<AnyClient>, "list" | "prepare" | "remove" | "gone"> & {
  list(place: Place<AnyClient>): AsyncIterable<Resource>;
  attempt(place: Place<AnyClient>, resource: Resource): Promise<void>;
  gone?: "listed" | ((place: Place<AnyClient>, resource: Resource) => Promise<boolean>);
};

/** Makes a service of its definition. The engine hands every type only clients that `definition.client` made. */
export function defineService<C extends AnyClient>(definition: ServiceDefinition<C>): Service {
  const own = (place: Place<AnyClient>) => place as Place<C>;
  return {
    id: definition.id,
    title: definition.title,
    scope: definition.scope,
    client: definition.client,
    types: definition.types.map((type): BoundType => {
      const gone = type.gone;
      return {
        id: type.id,
        stage: type.stage,
        after: type.after,
        deadlineSeconds: type.deadlineSeconds,
        unavailable: type.unavailable,
        list: (place) => type.list(own(place)),
        attempt: async (place, resource) => {
          try {
            await type.prepare?.(own(place), resource);
          } catch (error) {
            if (!isMissing(error)) throw error;
          }
          await type.remove(own(place), resource);
        },
        gone: typeof gone === "function" ? (place, resource) => gone(own(place), resource) : gone,
      };
    }),
  };
}
