import { Controller, Get, Header, HttpCode, NotFoundException, Options } from '@nestjs/common';
import { TargetRegistries } from '../../core/index.js';
import { AuthState } from '../auth-state.js';
import { Scopes } from '../guards/scope.guard.js';
import { protectedResourceMetadata, type ProtectedResourceMetadata } from './protected-resource.js';
import { ResourceUrl } from './resource-location.js';

/**
 * The metadata of this server as a protected resource, at both places where clients look for it. Anybody may read it,
 * pages in a browser too: that is what it is for. Without OAuth there is none.
 */
@Controller('.well-known/oauth-protected-resource')
export class ProtectedResourceController {
  constructor(
    private readonly state: AuthState,
    private readonly resource: ResourceUrl,
    private readonly scopes: Scopes,
    private readonly targets: TargetRegistries,
  ) {}

  @Get(['', 'mcp'])
  @Header('Access-Control-Allow-Origin', '*')
  @Header('Cache-Control', 'public, max-age=300')
  metadata(): ProtectedResourceMetadata {
    const { oauth } = this.state.options;
    const resource = this.resource.url();
    if (oauth === undefined || resource === undefined) throw new NotFoundException('This server uses no OAuth.');
    return protectedResourceMetadata({ ...oauth, resource, scopes: this.#scopes() });
  }

  /** Clients in a browser send a header of the protocol's, and so are asked for leave first. */
  @Options(['', 'mcp'])
  @HttpCode(204)
  @Header('Access-Control-Allow-Origin', '*')
  @Header('Access-Control-Allow-Methods', 'GET')
  @Header('Access-Control-Allow-Headers', '*')
  @Header('Access-Control-Max-Age', '86400')
  preflight(): void {
    // The headers are the answer.
  }

  /** Those of the hierarchy, and those that targets ask for. */
  #scopes(): readonly string[] {
    const targets = [...this.targets.all()].flatMap((registry) => registry.list());
    const asked = targets.flatMap(({ policy }) => policy.requiredScopes ?? []);
    return [...new Set([...this.scopes.hierarchy.known, ...asked])].toSorted();
  }
}
