import { permissionsOptions, type PermissionsOptions } from './permissions.options.js';
import type { LoaderFunction, ValidatorFunction } from './resource-parts.js';
import type { z } from 'zod';

/** What {@link PermissionsModule} takes: the section `permissions`, and what other sections and a team's code add. */
export interface PermissionsModuleOptions extends z.input<typeof permissionsOptions> {
  /** The roles of callers whom nobody knows; the key `auth.anonymous.roles`. @default none */
  readonly anonymousRoles?: readonly string[] | undefined;
  /** Whether anybody must authenticate: then targets without a policy are reported. @default false */
  readonly authRequired?: boolean | undefined;
  /** Whether targets without a policy stop the start, and are refused, while authentication is on. @default false */
  readonly requirePolicy?: boolean | undefined;
  /** Validators as functions, by name, beside those that classes declare. @default none */
  readonly validators?: Readonly<Record<string, ValidatorFunction>> | undefined;
  /** Loaders as functions, by name, beside those that classes declare. @default none */
  readonly loaders?: Readonly<Record<string, LoaderFunction>> | undefined;
}

/** The options of this server's permissions, complete. */
export class PermissionsContext {
  readonly section: PermissionsOptions;
  readonly anonymousRoles: readonly string[];
  readonly authRequired: boolean;
  readonly requirePolicy: boolean;
  readonly validators: Readonly<Record<string, ValidatorFunction>>;
  readonly loaders: Readonly<Record<string, LoaderFunction>>;

  /** @throws Error listing every fault with its key. */
  constructor(options: PermissionsModuleOptions = {}) {
    const { anonymousRoles, authRequired, requirePolicy, validators, loaders, ...section } = options;
    const result = permissionsOptions.safeParse(section);
    if (!result.success) {
      const faults = result.error.issues.map(({ path, message }) => `- ${path.join('.') || '(options)'}: ${message}`);
      throw new Error(`PermissionsModule.forRoot() was given wrong options:\n${faults.join('\n')}`);
    }
    this.section = result.data;
    this.anonymousRoles = anonymousRoles ?? [];
    this.authRequired = authRequired ?? false;
    this.requirePolicy = requirePolicy ?? false;
    this.validators = validators ?? {};
    this.loaders = loaders ?? {};
  }
}
