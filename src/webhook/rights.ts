/** Who may see and change an endpoint: it tells of what its key may see, to whoever names the URL. */
import type { Principal, Scope } from "../kernel/principal.ts";
import type { Included, Webhook, WebhookOwner } from "./webhook.ts";

/** Whether everything within one scope is within the other. */
const covers = (wider: Scope, narrower: Scope): boolean =>
  (wider.channel ?? narrower.channel) === narrower.channel &&
  (wider.locationId ?? narrower.locationId) === narrower.locationId;

/** A key with a scope sees endpoints that tell of nothing beyond it. */
export const sees = ({ scope }: Principal, { owner }: Pick<Webhook, "owner">): boolean =>
  covers(scope, owner.scope);

/**
 * Why a key may not change it; null when it may. An endpoint of an administrator may be told what only
 * administrators may hear: no other key says where that goes.
 */
export const refusalToChange = (
  { role }: Principal,
  { owner }: Pick<Webhook, "owner">,
): string | null =>
  owner.role === "admin" && role !== "admin"
    ? "The endpoint was made with the key of an administrator: only administrators may change it."
    : null;

/** Why a key may not have these added to bodies; null when it may. */
export const refusalToInclude = (
  { role }: Principal,
  include: readonly Included[],
): string | null =>
  include.includes("personalData") && role !== "admin"
    ? "Only administrators may have the customer's data sent."
    : null;

export const ownerOf = ({ id, role, scope }: Principal): WebhookOwner => ({
  keyId: id,
  role,
  scope,
});

/** The owner once another key takes over an endpoint of which the key is gone: it sees no more than before. */
export const successorOf = (owner: WebhookOwner, { id, role, scope }: Principal): WebhookOwner => ({
  keyId: id,
  role: role === "admin" ? owner.role : role,
  scope: { ...scope, ...owner.scope },
});
