import { Inject } from '@nestjs/common';

/** The injection token of a client. A string, as Nest has them for what is many of a kind: one class, several names. */
export function oauth2ClientToken(name: string): string {
  return `OAuth2Client:${name}`;
}

/** Injects the {@link OAuth2Client} that `auth.oauthClients` has under this name; an unknown one stops the start. */
export function InjectOAuth2Client(name: string): ReturnType<typeof Inject> {
  return Inject(oauth2ClientToken(name));
}
