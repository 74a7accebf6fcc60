import { Inject, Injectable, Optional, type OnModuleInit } from '@nestjs/common';
import { AuthState } from '../../auth/index.js';
import { isLoopback } from '../../core/index.js';
import { McpOptions } from '../mcp.options.js';

/** Keeps a server from starting that others can reach and anybody may use. */
@Injectable()
export class ExposureCheck implements OnModuleInit {
  constructor(
    private readonly options: McpOptions,
    @Optional() @Inject(AuthState) private readonly auth?: AuthState,
  ) {}

  /** @throws Error saying what is missing or weak, when `host` is not loopback */
  onModuleInit(): void {
    const { host } = this.options;
    if (isLoopback(host)) return;
    const where = `server.host is ${host}, which others can reach`;
    if (this.auth === undefined || !this.auth.required) {
      throw new Error(
        `The start is refused: ${where}, and callers are not authenticated. Import AuthModule, or use 127.0.0.1.`,
      );
    }
    const weak = this.auth.posture.filter(({ severity }) => severity === 'exposed');
    if (weak.length === 0) return;
    throw new Error(`The start is refused: ${where}, and\n${weak.map(({ message }) => `- ${message}`).join('\n')}`);
  }
}
