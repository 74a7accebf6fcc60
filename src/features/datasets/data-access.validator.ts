import { Injectable } from '@nestjs/common';
import { PermissionValidator, type Principal } from '../../index.js';

/** What {@link DataAccessValidator} judges. */
export interface SensitiveData {
  readonly sensitivityLevel: number;
}

/**
 * The guide's validator `data_access`: the attribute `clearanceLevel` (or `clearance_level`) of the caller reaches the
 * resource's `sensitivityLevel`. Refuses where either is missing or no number.
 */
@Injectable()
@PermissionValidator('data_access')
export class DataAccessValidator {
  validate({ attributes }: Principal, { sensitivityLevel: level }: SensitiveData): boolean {
    const clearance = attributes['clearanceLevel'] ?? attributes['clearance_level'];
    return typeof clearance === 'number' && typeof level === 'number' && clearance >= level;
  }
}
