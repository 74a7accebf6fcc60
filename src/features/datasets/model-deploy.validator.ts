import { Injectable } from '@nestjs/common';
import { PermissionValidator, modelDeploy, type Principal, type ResourceContext } from '../../index.js';

/** The guide's validator `model_deploy`: only the department `ml_ops` deploys; other actions are left to the roles. */
@Injectable()
@PermissionValidator('model_deploy')
export class ModelDeployValidator {
  validate(principal: Principal, model: object, context: ResourceContext): boolean {
    return modelDeploy(principal, model, context);
  }
}
