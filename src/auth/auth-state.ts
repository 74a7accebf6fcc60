import { isAuthRequired, type AuthOptions } from './auth.options.js';
import type { ConfiguredKey } from './api-keys/configured-keys.js';
import { jwtSettings, type JwtSettings } from './jwt/jwt.options.js';
import { authPosture, type AuthFinding } from './posture.js';

/** Findings that a way to authenticate is missing: a team's strategies may be it. */
const TEAM_MAY_ANSWER: ReadonlySet<string> = new Set(['auth', 'auth.oauth']);

/** What is known of authentication once the server starts. */
export class AuthState {
  /** Whether callers must say who they are, for everything that is not public. */
  readonly required: boolean;
  readonly jwt: JwtSettings | undefined;
  /** What is wrong with the credentials; those that stop every start have stopped it. */
  readonly posture: readonly AuthFinding[];

  /** @throws Error when a finding stops every start */
  constructor(
    readonly options: AuthOptions,
    readonly keys: readonly ConfiguredKey[],
    /** Whether there are strategies of the team. */
    readonly extended: boolean,
  ) {
    const { jwt } = options;
    this.required = extended || isAuthRequired(options);
    this.jwt = jwt && jwtSettings(jwt);
    this.posture = authPosture(options, keys).filter(({ path }) => !(extended && TEAM_MAY_ANSWER.has(path)));
    const faults = this.posture.filter(({ severity }) => severity === 'refuse');
    if (faults.length > 0)
      throw new Error(`The start is refused:\n${faults.map(({ message }) => `- ${message}`).join('\n')}`);
  }
}
