export { FilesModule } from './files.module.js';
export { filesOptions, type FilesOptions } from './files.options.js';
