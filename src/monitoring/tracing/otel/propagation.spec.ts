import { ROOT_CONTEXT, defaultTextMapGetter, defaultTextMapSetter, propagation, trace } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { W3cPropagator, contextOf, isSampled, spanContextOf } from './propagation.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

describe('the trace of a caller', () => {
  it('is what its text says', () => {
    expect(spanContextOf({ traceparent: PARENT })).toEqual({
      traceId: TRACE,
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
      isRemote: true,
    });
  });

  it.each([
    [PARENT, true],
    [PARENT.replace(/01$/, '00'), false],
    [PARENT.replace(/01$/, '03'), true],
    [PARENT.replace(/01$/, 'fe'), false],
    [`${PARENT.replace('00-', '01-')}-more`, true],
  ])('[O3] is recorded if its flags say so: %s', (traceparent, sampled) => {
    expect(isSampled({ traceparent })).toBe(sampled);
    expect(spanContextOf({ traceparent })?.traceFlags).toBe(sampled ? 1 : 0);
  });

  it('[O3] goes on with its state and baggage', () => {
    const baggage = 'tenant=acme;p=1,user=a%20b, ,=,broken=%zz';
    const context = contextOf({ traceparent: PARENT, tracestate: 'vendor=1,other=2', baggage });
    const carrier: Record<string, string> = {};
    new W3cPropagator().inject(context, carrier, defaultTextMapSetter);
    expect(carrier).toEqual({
      traceparent: PARENT,
      tracestate: 'vendor=1,other=2',
      baggage: 'tenant=acme;p=1,user=a%20b',
    });
    expect(propagation.getBaggage(context)?.getEntry('user')?.value).toBe('a b');
    const again = new W3cPropagator().extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
    expect(trace.getSpanContext(again)).toMatchObject({ traceId: TRACE, isRemote: true });
  });

  it('is not made up', () => {
    const carrier: Record<string, string> = {};
    new W3cPropagator().inject(ROOT_CONTEXT, carrier, defaultTextMapSetter);
    expect(carrier).toEqual({});
    const nothing = new W3cPropagator().extract(ROOT_CONTEXT, { traceparent: 'nonsense' }, defaultTextMapGetter);
    expect(trace.getSpanContext(nothing)).toBeUndefined();
  });
});
