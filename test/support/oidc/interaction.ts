import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';

/** What is missing of a consent, as oidc-provider says it. */
interface MissingConsent {
  readonly missingOIDCScope?: string[];
  readonly missingResourceScopes?: Readonly<Record<string, string[]>>;
}

/** Signs in and consents to everything that is asked for, as a person would who clicks through; or refuses. */
export async function finishInteraction(
  provider: Provider,
  { account, refuses }: { readonly account: string; readonly refuses: boolean },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (refuses) return provider.interactionFinished(request, response, { error: 'access_denied' });
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: account } });
  }
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const grant =
    known ?? new provider.Grant({ accountId: session?.accountId ?? account, clientId: String(params['client_id']) });
  const { missingOIDCScope, missingResourceScopes } = prompt.details as MissingConsent;
  if (missingOIDCScope !== undefined) grant.addOIDCScope(missingOIDCScope.join(' '));
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '));
  }
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}
