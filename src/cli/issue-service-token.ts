import { decodeJwt } from 'jose';
import type { AppConfig } from '../app.module.js';
import { issueToken, jwtSettings, type JwtSettings, type TokenRequest } from '../auth/index.js';
import { mcpUrl } from '../config/index.js';
import type { CliContext } from './context.js';
import { parseDuration } from './duration.js';
import { UsageError } from './exit-code.js';
import { toOverrides, type ConfigOption } from './options.js';
import { isoTime, json } from './output.js';
import { readGrants, type GivenGrants } from './principal-options.js';

/** What a token is to say, as the command line says it. */
export interface IssueFlags extends ConfigOption, GivenGrants {
  readonly subject: string;
  readonly scope?: readonly string[];
  readonly audience?: string;
  readonly expires?: string;
  readonly json?: boolean;
}

const HOUR_MS = 3_600_000;

/** `rookery token issue`. @throws UsageError saying what is asked too much, or what the configuration lacks */
export async function issueServiceToken(
  { application, source, out, err }: CliContext,
  flags: IssueFlags,
): Promise<void> {
  const lifeMs = flags.expires === undefined ? undefined : parseDuration(flags.expires, '--expires');
  const config = await application.configuration(source(toOverrides(flags)));
  const settings = signingSettings(config);
  const grants = readGrants(flags, Object.keys(config.permissions.roles));
  const token = await signed(
    {
      ...grants,
      subject: flags.subject,
      scopes: flags.scope,
      audience: flags.audience ?? settings.audiences[0] ?? mcpUrl(config.server),
      hours: lifeMs === undefined ? undefined : lifeMs / HOUR_MS,
    },
    settings,
  );
  const { aud: audience, iss: issuer, exp = 0 } = decodeJwt(token);
  const expiresAt = isoTime(exp * 1000);
  if (flags.json === true) out(json({ subject: flags.subject, issuer, audience, ...grants, expiresAt, token }));
  else {
    out(`${token}\n`);
    err(`For ${String(audience)}, until ${expiresAt}. Send it as \`Authorization: Bearer <token>\`.\n`);
  }
}

/** @throws UsageError saying what the configuration lacks for signing */
function signingSettings({ auth: { jwt } }: AppConfig): JwtSettings {
  if (jwt === undefined) {
    throw new UsageError('tokens are not configured: set auth.jwt.issuer, auth.jwt.audience and auth.jwt.secret');
  }
  const settings = jwtSettings(jwt);
  const { key, privateKey } = settings;
  if (key.kind === 'secret' || privateKey !== undefined) return settings;
  const has = key.kind === 'jwks' ? 'auth.jwt.jwksUrl, the keys of another issuer' : 'auth.jwt.publicKey';
  throw new UsageError(
    `there is nothing to sign with: the configuration has only ${has}. Set auth.jwt.privateKey ` +
      '(ROOKERY_AUTH__JWT__PRIVATE_KEY_FILE), or get the token from the issuer',
  );
}

/** What cannot be signed is a fault of the request or of the configuration, and says which. */
async function signed(request: TokenRequest, settings: JwtSettings): Promise<string> {
  try {
    return await issueToken(request, settings);
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
