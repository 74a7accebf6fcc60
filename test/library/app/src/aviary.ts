import { Injectable } from '@nestjs/common';

/** A service of the application's own, which a tool uses. */
@Injectable()
export class Aviary {
  readonly #birds = new Map([
    ['kea', { name: 'kea', weightGrams: 960, shy: false }],
    ['kakapo', { name: 'kakapo', weightGrams: 2000, shy: true }],
  ]);

  find(name: string): { readonly name: string; readonly weightGrams: number; readonly shy: boolean } | undefined {
    return this.#birds.get(name);
  }

  get names(): readonly string[] {
    return [...this.#birds.keys()];
  }
}
