import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { duplexPair, type Duplex } from 'node:stream';

/** Connections to a server within the process: everything of HTTP is real, only the kernel is left out. */
export function inProcess(server: Server): () => Duplex {
  return () => {
    const [client, accepted] = duplexPair();
    Object.assign(accepted, { remoteAddress: '127.0.0.1' });
    client.once('close', () => accepted.destroy());
    accepted.once('close', () => setImmediate(() => client.destroy()));
    server.emit('connection', accepted);
    return client;
  };
}

/** Connections over the loopback interface. */
export function overLoopback(server: Server): () => Duplex {
  const { port } = server.address() as AddressInfo;
  return () => connect({ port, host: '127.0.0.1', noDelay: true });
}
