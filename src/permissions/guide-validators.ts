import type { Principal } from '../core/index.js';
import type { ResourceContext } from './resource-parts.js';

/** A resource that says how cleared one must be. */
export interface SensitiveResource {
  readonly sensitivity_level: number;
}

/**
 * The guide's `data_access`: the principal's `clearanceLevel` reaches the resource's `sensitivity_level`. Refuses where
 * either is missing or not a number.
 */
export function dataAccess({ attributes }: Principal, { sensitivity_level: level }: SensitiveResource): boolean {
  const clearance = attributes['clearanceLevel'];
  return typeof clearance === 'number' && typeof level === 'number' && clearance >= level;
}

/** The guide's `model_deploy`: only the department `ml_ops` deploys models. Other actions are left to the roles. */
export function modelDeploy({ attributes }: Principal, _model: object, { action }: ResourceContext): boolean {
  return action !== 'deploy' || attributes['department'] === 'ml_ops';
}
