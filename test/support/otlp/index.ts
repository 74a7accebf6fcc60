export { type ReceivedSpan } from './otlp-messages.js';
export { OtlpReceiver, type CollectorMood, type ReceivedExport } from './otlp-receiver.js';
