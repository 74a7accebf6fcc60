/**
 * MCP-Nest as its README shows it: a microservice strategy on Nest's default HTTP adapter, Express.
 * Plain JavaScript, so the decorators are applied by hand; what they store is the same.
 * `PORT` (0 = any free one) and `TOOLS` (how many copies of `echo`) come from the environment.
 */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { McpController, McpStrategy, StreamableHttpTransport, Tool } from '@rekog/mcp-nest';
import { z } from 'zod';

const parameters = z.object({ text: z.string() });

class EchoController {}
for (let copy = 0; copy < Number(process.env.TOOLS ?? 1); copy += 1) {
  const name = copy === 0 ? 'echo' : `echo${copy}`;
  const method = { value: ({ text }) => ({ content: [{ type: 'text', text }] }), writable: true, configurable: true };
  Object.defineProperty(EchoController.prototype, name, method);
  Reflect.defineMetadata('design:paramtypes', [Object], EchoController.prototype, name);
  Payload()(EchoController.prototype, name, 0);
  Tool({ name, description: 'Answers the text it was given', parameters })(EchoController.prototype, name, method);
}
McpController()(EchoController);

const mcp = new McpStrategy({
  name: 'bench-mcp-nest',
  version: '2.0.5',
  transports: [new StreamableHttpTransport()],
  logging: false,
});

class AppModule {}
Module({ controllers: [EchoController] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
mcp.setHttpAdapter(app.getHttpAdapter());
app.connectMicroservice({ strategy: mcp });
await app.startAllMicroservices();
await app.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
console.log(`listening http://127.0.0.1:${app.getHttpServer().address().port}/mcp`);
