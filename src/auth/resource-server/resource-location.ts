import { Inject, Injectable, Optional } from '@nestjs/common';
import { ServerStatus } from '../../core/index.js';

/** Where clients reach the endpoint. Whoever knows it provides it: the wire, from `server.publicUrl`. */
export abstract class ResourceLocation {
  /** The canonical URL of the endpoint (RFC 8707), like `https://mcp.example.com/mcp`. */
  abstract url(): string;
}

/** The URL that stands for this server in metadata, challenges and audiences. */
@Injectable()
export class ResourceUrl {
  constructor(
    @Optional() @Inject(ResourceLocation) private readonly location?: ResourceLocation,
    @Optional() @Inject(ServerStatus) private readonly status?: ServerStatus,
  ) {}

  /** What {@link ResourceLocation} says, else where the server listens; `undefined` before that is known. */
  url(): string | undefined {
    return this.location?.url() ?? this.status?.listening.get('http');
  }
}
