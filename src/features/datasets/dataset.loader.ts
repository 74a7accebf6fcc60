import { Injectable } from '@nestjs/common';
import { ResourceLoader } from '../../index.js';
import { DatasetRegistry, type Dataset } from './dataset-registry.js';

/** Gives the datasets of the configuration to whoever judges access to them. */
@Injectable()
@ResourceLoader('datasets')
export class DatasetLoader {
  constructor(private readonly datasets: DatasetRegistry) {}

  /** `undefined` for an id that is not configured, which refuses the call. */
  load(id: string): Dataset | undefined {
    const dataset = this.datasets.find(id);
    return dataset && { id: dataset.id, sensitivityLevel: dataset.sensitivityLevel };
  }
}
