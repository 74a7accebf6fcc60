import { Injectable } from '@nestjs/common';
import { ServerStatus } from '../../core/index.js';
import type { Era } from './era.js';
import { LegacyEra } from './legacy.js';
import { ModernEra } from './modern.js';

/** The eras that this server speaks. */
@Injectable()
export class Eras {
  readonly modern: Era;
  readonly legacy: Era = new LegacyEra();

  constructor({ identity }: ServerStatus) {
    this.modern = new ModernEra(identity);
  }
}
