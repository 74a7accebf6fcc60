/** What time it is for credentials, in milliseconds since the epoch. Tests put their own in its place. */
export class AuthClock {
  now(): number {
    return Date.now();
  }
}
