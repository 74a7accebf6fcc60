import { Controller, ForbiddenException, Get, Header, Headers, Res } from '@nestjs/common';
import { McpOptions, NameGuard } from '../mcp/index.js';
import { landingPage, landingText } from './landing-page.js';
import { ServerSummary, type Summary } from './server-summary.js';

/** What is needed of a framework's response. */
interface TypedResponse {
  header(name: string, value: string): unknown;
}

/** `GET /`: what runs here, as a page in a browser, as text in a terminal, as JSON for programs. */
@Controller()
export class LandingController {
  readonly #names: NameGuard;

  constructor(
    private readonly summary: ServerSummary,
    options: McpOptions,
  ) {
    this.#names = new NameGuard(options);
  }

  @Get()
  @Header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
  @Header('x-content-type-options', 'nosniff')
  @Header('vary', 'accept')
  landing(
    @Headers('host') host: string | undefined,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) response: TypedResponse,
  ): string | Summary {
    const foreign = this.#names.refusal(host, undefined);
    if (foreign !== undefined) throw new ForbiddenException(foreign);
    const summary = this.summary.describeToAnybody();
    if (accept?.includes('text/html')) {
      response.header('content-type', 'text/html; charset=utf-8');
      return landingPage(summary);
    }
    if (accept?.includes('application/json')) return summary;
    response.header('content-type', 'text/plain; charset=utf-8');
    return landingText(summary);
  }
}
