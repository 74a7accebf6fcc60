import { Injectable, type OnModuleInit } from '@nestjs/common';
import { SqlConnections, type SqlDatabase } from '../../index.js';
import { DatasetRegistry, type ConfiguredDataset } from './dataset-registry.js';
import { DatasetStore, type StoreLimits } from './dataset-store.js';
import { seed } from './seed.js';

/** In which database the datasets are, and what bounds the operations on them. */
export class DatasetSettings {
  constructor(
    readonly connection: string,
    readonly limits: StoreLimits,
  ) {}
}

/** The rows of all datasets. Their tables are looked up at start, so that a wrong configuration is known then. */
@Injectable()
export class DatasetStores implements OnModuleInit {
  readonly #stores = new Map<string, DatasetStore>();

  constructor(
    private readonly datasets: DatasetRegistry,
    private readonly settings: DatasetSettings,
    private readonly connections: SqlConnections,
  ) {}

  /** @throws Error listing every dataset whose table or seed file is not as configured */
  async onModuleInit(): Promise<void> {
    const faults: Error[] = [];
    for (const dataset of this.datasets.all) {
      try {
        this.#stores.set(dataset.id, await this.#open(dataset));
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        faults.push(new Error(`- datasets.datasets.${dataset.id}: ${reason}`, { cause }));
      }
    }
    if (faults.length === 0) return;
    const list = faults.map(({ message }) => message).join('\n');
    throw new AggregateError(faults, `The datasets are not what the configuration says:\n${list}`);
  }

  /** @throws Error for a dataset that is not configured: whoever asks has found it in the registry */
  get({ id }: ConfiguredDataset): DatasetStore {
    const store = this.#stores.get(id);
    if (store === undefined) throw new Error(`The dataset ${id} is not open.`);
    return store;
  }

  async #open(dataset: ConfiguredDataset): Promise<DatasetStore> {
    const database = await this.connections.get(this.settings.connection);
    if (dataset.seedFile !== undefined) await this.#seed(dataset, dataset.seedFile, database);
    return DatasetStore.open(database, dataset, this.settings.limits);
  }

  async #seed(dataset: ConfiguredDataset, file: string, database: SqlDatabase): Promise<void> {
    try {
      await seed(database, dataset, file);
    } catch (cause) {
      throw new Error(`its seedFile can not be used. ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  }
}
