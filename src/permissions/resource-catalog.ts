import { Injectable } from '@nestjs/common';
import { MethodExplorer } from '../core/index.js';
import { LOADER_METADATA, VALIDATOR_METADATA } from './decorators.js';
import { PermissionsContext } from './permissions-context.js';
import { listed } from './permissions.options.js';
import type { LoaderFunction, NamedParts, ValidatorFunction } from './resource-parts.js';

/** Parts of one sort by name, and what is wrong with their declarations. */
interface Found<Part> {
  readonly parts: ReadonlyMap<string, Part>;
  readonly faults: readonly string[];
}

interface Catalog {
  readonly loaders: Found<LoaderFunction>;
  readonly validators: Found<ValidatorFunction>;
}

/** The loaders and validators of this server: classes found in the container, and functions from the options. */
@Injectable()
export class ResourceCatalog implements NamedParts {
  #catalog: Catalog | undefined;

  constructor(
    private readonly explorer: MethodExplorer,
    private readonly context: PermissionsContext,
  ) {}

  loader(name: string): LoaderFunction | undefined {
    return this.#all.loaders.parts.get(name);
  }

  validator(name: string): ValidatorFunction | undefined {
    return this.#all.validators.parts.get(name);
  }

  /** Every wrong declaration, and every name in the configuration that nothing has. */
  faults(): readonly string[] {
    const { loaders, validators } = this.#all;
    const faults = [...loaders.faults, ...validators.faults];
    for (const [type, options] of Object.entries(this.context.section.resources)) {
      const place = `permissions.resources.${type}`;
      if (options.loader !== undefined && !loaders.parts.has(options.loader)) {
        const known = listed('the loaders', [...loaders.parts.keys()]);
        faults.push(`${place}.loader: there is no @ResourceLoader("${options.loader}"); ${known}`);
      }
      for (const name of options.validators) {
        if (validators.parts.has(name)) continue;
        const known = listed('the validators', [...validators.parts.keys()]);
        faults.push(`${place}.validators: there is no @PermissionValidator("${name}"); ${known}`);
      }
    }
    return faults;
  }

  /** Looked for when first asked, at the earliest when the application is being initialized: then all classes have instances. */
  get #all(): Catalog {
    return (this.#catalog ??= {
      loaders: this.#find('@ResourceLoader', LOADER_METADATA, 'load', this.context.loaders),
      validators: this.#find('@PermissionValidator', VALIDATOR_METADATA, 'validate', this.context.validators),
    });
  }

  #find<Part extends LoaderFunction | ValidatorFunction>(
    decorator: string,
    key: string,
    method: string,
    functions: Readonly<Record<string, Part>>,
  ): Found<Part> {
    const parts = new Map<string, Part>(Object.entries(functions));
    const places = new Map(Object.keys(functions).map((name) => [name, 'the options of PermissionsModule']));
    const faults: string[] = [];
    for (const { metadata: name, type, instance, shared } of this.explorer.classesWith<string>(key)) {
      const place = `${decorator}("${name}") on ${type.name}`;
      const taken = places.get(name);
      const run: unknown = Reflect.get(instance, method);
      if (taken !== undefined) faults.push(`${place}: the name is taken by ${taken}; give one of them another`);
      else if (typeof run !== 'function') faults.push(`${place}: the class needs a method "${method}"`);
      else if (!shared) faults.push(`${place}: it is request-scoped; give it and what it injects the default scope`);
      else parts.set(name, ((...args: unknown[]) => Reflect.apply(run, instance, args)) as Part);
      places.set(name, type.name);
    }
    return { parts, faults };
  }
}
