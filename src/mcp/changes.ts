import type { ServerChange } from '../core/index.js';
import type { Params } from './wire.js';

/** How clients are told of a change; tasks have notifications of their own. */
export function changeNotification(
  change: ServerChange,
): { readonly method: string; readonly params?: Params } | undefined {
  switch (change.kind) {
    case 'resource':
      return { method: 'notifications/resources/updated', params: { uri: change.uri } };
    case 'task':
      return undefined;
    default:
      return { method: `notifications/${change.kind}/list_changed` };
  }
}
