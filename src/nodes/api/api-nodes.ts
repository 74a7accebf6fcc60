import type { Provider } from '@nestjs/common';
import { ApiClient } from './api-client.js';
import { GraphQLClientNode } from './graphql-client.node.js';
import { HTTPRequestNode } from './http-request.node.js';
import { RESTClientNode } from './rest-client.node.js';

/** The nodes that ask others over HTTP. They need {@link ApiSettings}. */
export const API_NODES: readonly Provider[] = [ApiClient, HTTPRequestNode, RESTClientNode, GraphQLClientNode];
