import { Controller, Get, Header, Headers, Res } from '@nestjs/common';
import { landingPage, landingText } from './landing-page.js';
import { ServerSummary, type Summary } from './server-summary.js';

/** What is needed of a framework's response. */
interface TypedResponse {
  header(name: string, value: string): unknown;
}

/** `GET /`: what runs here, as a page in a browser, as text in a terminal, as JSON for programs. */
@Controller()
export class LandingController {
  constructor(private readonly summary: ServerSummary) {}

  @Get()
  @Header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
  @Header('x-content-type-options', 'nosniff')
  @Header('vary', 'accept')
  landing(
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) response: TypedResponse,
  ): string | Summary {
    const summary = this.summary.describe();
    if (accept?.includes('text/html')) {
      response.header('content-type', 'text/html; charset=utf-8');
      return landingPage(summary);
    }
    if (accept?.includes('application/json')) return summary;
    response.header('content-type', 'text/plain; charset=utf-8');
    return landingText(summary);
  }
}
