export {
  CodeError,
  CodeInputError,
  CodeMemoryError,
  CodeTimeoutError,
  NoRunnerError,
  OutputTooLargeError,
  SandboxError,
  type CodeFault,
} from './code-errors.js';
export { CodeRunner, type CodeJob, type CodeLanguage, type CodeResult, type SelfTestResult } from './code-runner.js';
export { CodeRunners, configuredRunners, type CodeRequest, type RunnerReport } from './code-runners.js';
export { codeSelfTests } from './code-self-tests.js';
export { codeOptions, type CodeOptions } from './code.options.js';
export { BubblewrapPythonRunner, type BubblewrapPythonOptions } from './bubblewrap/bubblewrap-python-runner.js';
export { PyodideRunner, type PyodideOptions } from './pyodide/pyodide-runner.js';
export { QuickJsRunner, type QuickJsOptions } from './quickjs/quickjs-runner.js';
