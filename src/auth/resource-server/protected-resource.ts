/** Where a resource's metadata is served: before the path of the resource (RFC 9728 §3.1). */
export const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** What the metadata is made from. */
export interface ProtectedResource {
  /** The canonical URL of the endpoint. */
  readonly resource: string;
  readonly authorizationServers: readonly string[];
  readonly scopes: readonly string[];
  readonly resourceName?: string | undefined;
  readonly resourceDocumentation?: string | undefined;
}

/** The metadata of an OAuth 2.0 protected resource (RFC 9728 §2). */
export interface ProtectedResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly bearer_methods_supported: readonly ['header'];
  readonly scopes_supported?: readonly string[];
  readonly resource_name?: string;
  readonly resource_documentation?: string;
}

/** The document that tells clients where to get a token for this server, and for which scopes. */
export function protectedResourceMetadata(from: ProtectedResource): ProtectedResourceMetadata {
  return {
    resource: from.resource,
    authorization_servers: from.authorizationServers,
    bearer_methods_supported: ['header'],
    ...(from.scopes.length > 0 && { scopes_supported: from.scopes }),
    ...(from.resourceName !== undefined && { resource_name: from.resourceName }),
    ...(from.resourceDocumentation !== undefined && { resource_documentation: from.resourceDocumentation }),
  };
}

/** Where the metadata of a resource is found. */
export function metadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}`;
}
