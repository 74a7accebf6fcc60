import { Injectable } from '@nestjs/common';
import { McpResource, McpTool, RookeryServer } from '../../src/index.js';

//#region app
@Injectable()
export class ClockApp {
  @McpTool({ description: 'Tells the time', ui: { resourceUri: 'ui://clock' } })
  clock(): string {
    return new Date().toISOString();
  }

  @McpResource({ uri: 'ui://clock', name: 'clock-app', description: 'A clock', ui: { prefersBorder: true } })
  page(): string {
    return '<!doctype html><title>Clock</title><main>…</main>';
  }
}
//#endregion

//#region updated
@Injectable()
export class Headlines {
  #latest = 'Nothing has happened.';

  constructor(private readonly server: RookeryServer) {}

  @McpResource({ uri: 'news://latest', description: 'The latest headline' })
  latest(): string {
    return this.#latest;
  }

  publish(headline: string): void {
    this.#latest = headline;
    this.server.notifyResourceUpdated('news://latest');
  }
}
//#endregion
