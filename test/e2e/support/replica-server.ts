import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AdaptersModule, RedisLimitStore } from '../../../src/adapters/index.js';
import { McpServerModule, RookeryLogger } from '../../../src/index.js';
import { ResilienceModule } from '../../../src/resilience/index.js';
import { listenLocally } from './hosts.js';
import { ReplicaLabel, ReplicaTools } from './replica-tools.js';

/** One of several processes of a server, in JSON as the first argument. */
export interface ReplicaOptions {
  readonly label: string;
  readonly store: string;
  readonly redis?: string | undefined;
  readonly stateKeys: readonly string[];
}

const { label, store, redis, stateKeys } = JSON.parse(process.argv[2] ?? '') as ReplicaOptions;

@Module({
  imports: [
    McpServerModule.forRoot({
      name: 'replicas',
      version: '1.0.0',
      pageSize: 2,
      stateKeys: [...stateKeys],
      shutdownGraceMs: 500,
      tasks: { store: 'database', pollIntervalMs: 200 },
    }),
    AdaptersModule.forRoot({ store: { url: store }, redis: { url: redis, commandTimeoutMs: 500 } }),
    ResilienceModule.forRoot(
      redis === undefined
        ? {}
        : { limitStore: { useFactory: (limits: RedisLimitStore) => limits, inject: [RedisLimitStore] } },
    ),
  ],
  providers: [{ provide: ReplicaLabel, useValue: { label } }, ReplicaTools],
})
class ReplicaModule {}

const app = await NestFactory.create<NestFastifyApplication>(ReplicaModule, new FastifyAdapter(), {
  logger: new RookeryLogger({ level: 'info', format: 'json' }),
});
app.enableShutdownHooks(undefined, { useProcessExit: true });
console.log(`listening on ${await listenLocally(app)}`);
