export { prometheus, promtool, runPromtool, type PromtoolResult } from './promtool.js';
