import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { HealthDegradedError, HealthIndicators } from '../../core/index.js';
import { CodeRunners, type RunnerReport } from './code-runners.js';
import { JavaScriptCodeNode } from './javascript-code.node.js';
import { PythonCodeNode } from './python-code.node.js';

/** Ends the sandboxes with the application, and shows in health which runners there are. They start with the first node that is put to use. */
@Injectable()
export class CodeLifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly runners: CodeRunners,
    private readonly indicators: HealthIndicators,
  ) {}

  onApplicationBootstrap(): void {
    this.indicators.add({ name: 'code', check: () => this.#check() });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.runners.close();
  }

  #check(): Record<string, unknown> {
    const report = this.runners.report();
    if (report.length === 0) return { runners: 'not tested yet' };
    const details = { runners: Object.fromEntries(report.map((runner) => [runner.name, described(runner)])) };
    const missing = [...new Set(report.map(({ language }) => language))].filter(
      (language) => this.runners.runnerOf(language) === undefined,
    );
    if (missing.length > 0)
      throw new HealthDegradedError(`No runner works for ${missing.join(' and ')} code.`, details);
    return { ...details, ...this.runners.load };
  }
}

function described({ state, selfTest }: RunnerReport): Record<string, unknown> {
  if (selfTest === undefined) return { state };
  return selfTest.passed ? { state, isolation: selfTest.isolation } : { state, reason: selfTest.reason };
}

/** The nodes that run foreign code. They need {@link CodeRunners}. */
export const CODE_NODES: readonly Provider[] = [CodeLifecycle, PythonCodeNode, JavaScriptCodeNode];
