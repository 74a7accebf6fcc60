export { DataAccessValidator } from './data-access.validator.js';
export { DatasetsModule } from './datasets.module.js';
export { datasetsOptions, type DatasetsOptions } from './datasets.options.js';
export { ModelDeployValidator } from './model-deploy.validator.js';
