import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { McpTransportAdapter, RookeryLogger } from '../../../src/index.js';
import { reserveStdout } from '../../../src/mcp/index.js';
import { FixtureModule } from './fixture.module.js';

/**
 * The fixture over stdio, on the adapter that its argument names; `MAX_MESSAGE_SIZE` limits its lines. It prints where it
 * must not, as a careless library would.
 */
const output = reserveStdout();
const { MAX_MESSAGE_SIZE } = process.env;
const app = await NestFactory.createApplicationContext(
  FixtureModule.forRoot({
    adapter: process.argv[2] === 'sdk' ? 'sdk' : 'native',
    ...(MAX_MESSAGE_SIZE !== undefined && { maxMessageSize: Number(MAX_MESSAGE_SIZE) }),
  }),
  { logger: new RookeryLogger({ level: 'info', format: 'json' }) },
);
console.log('a stray line on stdout');
await app.get(McpTransportAdapter).serveStdio({ input: process.stdin, output });
await app.close();
