#!/usr/bin/env node
import { processSource } from '../config/index.js';
import { application } from './application.js';
import { run } from './program.js';

const PATIENCE_MS = 2_000;

// `rookery tools | head` closes the pipe early; that is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

// Taken before a server in this process is kept away from stdout.
const answer = process.stdout.write.bind(process.stdout);

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => void answer(text),
  err: (text) => void process.stderr.write(text),
  source: processSource,
  application,
});

// A start that failed half-way may have left something open; the output gets its time, then it is over.
if (process.exitCode !== 0) setTimeout(() => process.exit(), PATIENCE_MS).unref();
