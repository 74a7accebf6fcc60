import type { AppConfig } from '../app.module.js';
import {
  formatVerification,
  verifyAuditFiles,
  verifyAuditLines,
  type AuditSinkOptions,
  type AuditVerification,
} from '../audit/index.js';
import type { CliContext, OpenStore } from './context.js';
import { CommandFailure, UsageError } from './exit-code.js';
import { readGivenFile } from './given-file.js';
import { toOverrides, type ConfigOption } from './options.js';
import { json, printable } from './output.js';

/** What is verified, and how, as the command line says it. */
export interface VerifyFlags extends ConfigOption {
  readonly json?: boolean;
  readonly keyFile?: string;
  readonly anchors?: boolean;
  readonly strict?: boolean;
}

/** What is verified by itself: a chain is whole within one sink. */
interface Verified extends AuditVerification {
  readonly source: string;
}

/** `rookery audit verify`. @throws CommandFailure when something does not verify; UsageError when there is nothing to */
export async function verifyAudit(context: CliContext, paths: readonly string[], flags: VerifyFlags): Promise<void> {
  const { application, source, out, err } = context;
  const keyOfFile = flags.keyFile === undefined ? undefined : keyIn(flags.keyFile);
  const config = await application.configuration(source(toOverrides(flags)));
  const key = keyOfFile ?? config.audit.key;
  const anchored = flags.anchors ?? paths.length === 0;
  const sinks = paths.length > 0 ? [] : readableSinks(config, err);
  const needsStore = anchored || sinks.some(({ type }) => type === 'database');
  const store = needsStore ? await application.openStore(config) : undefined;
  try {
    const anchors = anchored ? store?.anchors : undefined;
    const verified: Verified[] = [];
    if (paths.length > 0)
      verified.push({ source: paths.join(', '), ...(await verifyAuditFiles(paths, { key, anchors })) });
    for (const sink of sinks) {
      if (sink.type === 'file') {
        verified.push({ source: sink.path, ...(await verifyAuditFiles(sink.path, { key, anchors })) });
      } else if (store !== undefined) verified.push(await verifyDatabase(sink, store, anchored, key));
    }
    out(
      flags.json === true
        ? json({ ok: verified.every(passes(flags)), sources: verified })
        : verified.map(render).join('\n'),
    );
    if (!verified.every(passes(flags))) throw new CommandFailure();
  } finally {
    await store?.close();
  }
}

async function verifyDatabase(
  options: AuditSinkOptions,
  { sinks, anchors }: OpenStore,
  anchored: boolean,
  key: string | undefined,
): Promise<Verified> {
  const sink = await sinks.get(options.type)?.(options);
  if (sink === undefined) throw new Error(`There is no way to read an audit sink of type "${options.type}".`);
  const heads = anchored ? await anchors.all() : [];
  const verification = await verifyAuditLines(() => sink.read(), sink.name, { key, heads, where: [sink.where] });
  return { source: options.type === 'database' ? `database ${options.connection}` : options.type, ...verification };
}

/** @throws UsageError when there is nothing that could be verified */
function readableSinks({ audit }: AppConfig, err: CliContext['err']): readonly AuditSinkOptions[] {
  const readable = audit.sinks.filter(({ type }) => type !== 'stdout');
  if (readable.length < audit.sinks.length) {
    err('note: what went to stdout is with whoever collects it; name its files to verify them.\n');
  }
  if (readable.length > 0) return readable;
  throw new UsageError('there is nothing to verify: audit.sinks names no file and no database; name the files');
}

/** @throws UsageError when the file cannot be read, or has nothing in it */
function keyIn(file: string): string {
  const key = readGivenFile(file).replace(/(\r?\n)+$/, '');
  if (key === '') throw new UsageError(`the file ${file} has no key in it`);
  return key;
}

function passes({ strict }: VerifyFlags): (verified: Verified) => boolean {
  return ({ ok, warnings }) => ok && (strict !== true || warnings === 0);
}

function render({ source, ...verification }: Verified): string {
  return printable(`${source}\n${formatVerification(verification)}\n`);
}
