import type { DatasetOptions } from './datasets.options.js';

/** A dataset as permissions see it. */
export interface Dataset {
  readonly id: string;
  /** What the clearance of a caller must reach. */
  readonly sensitivityLevel: number;
}

/** A dataset as it is configured. */
export type ConfiguredDataset = Dataset & DatasetOptions;

/** The datasets of the configuration. */
export class DatasetRegistry {
  readonly #datasets: ReadonlyMap<string, ConfiguredDataset>;

  constructor(datasets: Readonly<Record<string, DatasetOptions>>) {
    this.#datasets = new Map(Object.entries(datasets).map(([id, options]) => [id, { ...options, id }]));
  }

  find(id: string): ConfiguredDataset | undefined {
    return this.#datasets.get(id);
  }

  get all(): readonly ConfiguredDataset[] {
    return [...this.#datasets.values()];
  }
}
