import { createHash } from 'node:crypto';

/** One alert in a notification. */
export interface NotifiedAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly startsAt: string;
  /** ISO 8601; the year 1 while it fires. */
  readonly endsAt: string;
  readonly generatorURL: string;
  /** The same for both ends of an alert, and for each time that it fires. */
  readonly fingerprint: string;
}

/** What an action gets: the shape of Alertmanager's webhook ("Alertmanager configuration", webhook_config), version 4. */
export interface AlertNotification {
  readonly version: '4';
  readonly groupKey: string;
  readonly truncatedAlerts: number;
  readonly status: 'firing' | 'resolved';
  /** The name of the action. */
  readonly receiver: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly externalURL: string;
  readonly alerts: readonly NotifiedAlert[];
}

/** What is known of an alert that is to be told. Times are milliseconds since the epoch. */
export interface Occurrence {
  readonly labels: Readonly<Record<string, string>> & { readonly alertname: string };
  readonly annotations: Readonly<Record<string, string>>;
  readonly startedAt: number;
  /** Absent while it fires. */
  readonly endedAt?: number | undefined;
}

/** How Go writes that there is no time. */
const NEVER = '0001-01-01T00:00:00Z';

/** Says to an action that an alert fires or is over. */
export function notification(receiver: string, occurrence: Occurrence): AlertNotification {
  const { labels, annotations, startedAt, endedAt } = occurrence;
  const status = endedAt === undefined ? 'firing' : 'resolved';
  const { alertname } = labels;
  return {
    version: '4',
    groupKey: `{}:{alertname=${JSON.stringify(alertname)}}`,
    truncatedAlerts: 0,
    status,
    receiver,
    groupLabels: { alertname },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: '',
    alerts: [
      {
        status,
        labels,
        annotations,
        startsAt: new Date(startedAt).toISOString(),
        endsAt: endedAt === undefined ? NEVER : new Date(endedAt).toISOString(),
        generatorURL: '',
        fingerprint: fingerprint(labels),
      },
    ],
  };
}

function fingerprint(labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}
