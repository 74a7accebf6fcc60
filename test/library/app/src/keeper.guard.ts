import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ForbiddenError, callOf } from 'rookery';
import { Aviary } from './aviary.js';

/** Keeps shy birds from being looked at. */
export const KeepShyBirdsAlone = (): MethodDecorator => SetMetadata('aviary:shy', true);

/** An ordinary Nest guard: injected, reading its own metadata, and what it needs of the call. */
@Injectable()
export class KeeperGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly aviary: Aviary,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.get<boolean>('aviary:shy', context.getHandler()) !== true) return true;
    const { input } = callOf(context);
    const { name } = input as { readonly name?: string };
    if (this.aviary.find(name ?? '')?.shy === true) throw new ForbiddenError(`The ${name} is shy; leave it alone.`);
    return true;
  }
}
