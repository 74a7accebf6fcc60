import { z } from 'zod';
import { jwtSettings } from '../../auth/index.js';
import type { ClockReadings } from '../clock-readings.js';
import { NETWORK_MS, single, type ConfiguredFamily, type DoctorCheck } from '../doctor-check.js';
import { fail, ok, type Finding } from '../finding.js';
import { fetchText, type FetchedText } from '../fetch-text.js';
import { reasonOf } from '../probe-tcp.js';

/** `Date` headers tell whole seconds. */
const DATE_COARSE_MS = 1_000;

const keySet = z.object({ keys: z.array(z.unknown()).min(1) });
const metadata = z.object({ issuer: z.string() });

/** Whether the issuer of tokens publishes its keys. */
export const issuerKeys: ConfiguredFamily = {
  name: 'issuer_keys',
  group: 'back ends',
  atStart: 'network',
  absent: 'auth.jwt.jwksUrl is not set.',
  checks: ({ config: { auth }, clocks }) => {
    const key = auth.jwt && jwtSettings(auth.jwt).key;
    if (key?.kind !== 'jwks') return [];
    const { url } = key;
    return single('issuer_keys', NETWORK_MS, async (signal) => await lookAtKeys(url, clocks, signal));
  },
};

async function lookAtKeys(url: string, clocks: ClockReadings, signal: AbortSignal): Promise<readonly Finding[]> {
  const remedy = 'Correct auth.jwt.jwksUrl, or let this machine reach it: until then no new token is accepted.';
  const fetched = await fetchTimed('issuer_keys', url, clocks, signal);
  if (!fetched.ok) return [fail(`The keys at ${url} cannot be had: ${fetched.reason}.`, remedy)];
  if (!keySet.safeParse(fetched.json).success) {
    return [fail(`${url} answers ${fetched.status} without a set of keys (RFC 7517).`, remedy)];
  }
  return [ok(`The keys at ${url} can be had.`)];
}

/** Whether the authorization servers say who they are: those that clients are sent to, and those that tools use. */
export const authorizationServers: ConfiguredFamily = {
  name: 'authorization_server',
  group: 'back ends',
  atStart: 'network',
  absent: 'No authorization server is configured.',
  checks: ({ config: { auth }, clocks }) => {
    const issuers = [
      ...(auth.oauth?.authorizationServers ?? []),
      ...Object.values(auth.oauthClients).flatMap(({ issuer }) => issuer ?? []),
    ];
    return [...new Set(issuers)].map((issuer): DoctorCheck => {
      const name = `authorization_server:${new URL(issuer).host}${new URL(issuer).pathname.replace(/\/$/, '')}`;
      return { name, timeoutMs: NETWORK_MS, run: async (signal) => await lookAtIssuer(name, issuer, clocks, signal) };
    });
  },
};

async function lookAtIssuer(
  name: string,
  issuer: string,
  clocks: ClockReadings,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const remedy = 'Correct the URL, or let this machine reach it.';
  const reasons: string[] = [];
  for (const url of metadataUrls(issuer)) {
    const fetched = await fetchTimed(name, url, clocks, signal);
    if (!fetched.ok) {
      reasons.push(`${url}: ${fetched.reason}`);
      continue;
    }
    const said = metadata.safeParse(fetched.json);
    if (!said.success) {
      reasons.push(`${url}: ${fetched.status}, and no metadata`);
      continue;
    }
    if (said.data.issuer === issuer) return [ok(`${issuer} publishes its metadata.`)];
    const hint = 'Write it exactly as the server names itself, trailing slash included.';
    return [fail(`${url} calls itself by another name than ${issuer}.`, hint)];
  }
  return [fail(`${issuer} does not say who it is (${reasons.join('; ')}).`, remedy)];
}

/** RFC 8414 puts the path after the well-known part, OpenID Connect before it. */
function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}

type Fetched = (FetchedText & { readonly ok: true }) | { readonly ok: false; readonly reason: string };

async function fetchTimed(source: string, url: string, clocks: ClockReadings, signal: AbortSignal): Promise<Fetched> {
  try {
    const ask = async (): Promise<{ readonly answer: FetchedText; readonly time: number | undefined }> => {
      const answer = await fetchText(url, signal);
      return { answer, time: answer.date };
    };
    return { ok: true, ...(await clocks.read(source, ask, DATE_COARSE_MS)) };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}
