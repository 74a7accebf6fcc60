import { CommandFailure } from './exit-code.js';

/** How a command is given the credential that it sends. */
const HOW = 'set ROOKERY_API_KEY to an API key or an access token, or ROOKERY_API_KEY_FILE to a file that holds one';

/**
 * What a command says when it is not let in.
 *
 * @param credential - what it had sent, if anything; it is not told
 * @param who - who does not let it in, as the subject of a sentence
 */
export function refusal(credential: string | undefined, who: string): CommandFailure {
  return credential === undefined
    ? new CommandFailure(`error: ${who} lets nobody in without a credential: ${HOW}.`)
    : new CommandFailure(
        `error: ${who} does not accept the credential in ROOKERY_API_KEY: it is unknown there, or has ended. To use another, ${HOW}.`,
      );
}
