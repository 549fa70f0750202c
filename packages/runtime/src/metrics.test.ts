import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

describe('metrics', () => {
  it('exposes counters, gauges and histograms with their help and labels', async () => {
    const metrics = createMetrics();
    const deposits = metrics.counter({ name: 'deposits_total', help: 'Deposits taken.', labels: ['outcome'] });
    deposits.inc({ outcome: 'stored' });
    deposits.inc({ outcome: 'stored' }, 2);
    metrics.gauge({ name: 'in_flight', help: 'Under way.' }).set({}, 7);
    const seconds = metrics.histogram({ name: 'store_seconds', help: 'Time.', labels: ['region'], buckets: [0.1, 1] });
    seconds.observe({ region: 'westus2' }, 0.5);
    const { contentType, text } = await metrics.expose();
    expect(contentType).toContain('text/plain');
    expect(text).toContain('# HELP deposits_total Deposits taken.');
    expect(text).toContain('deposits_total{outcome="stored"} 3');
    expect(text).toContain('in_flight 7');
    expect(text).toContain('store_seconds_bucket{le="0.1",region="westus2"} 0');
    expect(text).toContain('store_seconds_bucket{le="1",region="westus2"} 1');
  });

  it('has the process’s own metrics where it is the process’s', async () => {
    const { text } = await createMetrics({ ofProcess: true }).expose();
    expect(text).toContain('process_cpu_seconds_total');
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect((await createMetrics().expose()).text).not.toContain('process_');
  });

  it('asks every collector of a gauge when it is read, and forgets what was reset', async () => {
    const metrics = createMetrics();
    let waiting = 3;
    const named = { name: 'lag_records', help: 'Waiting.', labels: ['group'] } as const;
    metrics.gauge({
      ...named,
      collect: (gauge) => {
        gauge.reset();
        gauge.set({ group: 'deposits' }, waiting);
      },
    });
    metrics.gauge({
      ...named,
      collect: async (gauge) => {
        await Promise.resolve();
        gauge.set({ group: 'projector' }, 1);
      },
    });
    waiting = 5;
    const { text } = await metrics.expose();
    expect(text).toContain('lag_records{group="deposits"} 5');
    expect(text).toContain('lag_records{group="projector"} 1');
  });

  it('gives the same metric to whoever asks for its name, and refuses another shape', async () => {
    const metrics = createMetrics();
    const shape = { name: 'facts_total', help: 'Facts.', labels: ['change'] } as const;
    metrics.counter(shape).inc({ change: 'read' });
    metrics.counter(shape).inc({ change: 'read' });
    expect((await metrics.expose()).text).toContain('facts_total{change="read"} 2');
    expect(() => metrics.gauge(shape)).toThrow('facts_total is a counter(change)');
    expect(() => metrics.counter({ name: 'facts_total', help: 'Facts.' })).toThrow('cannot be a counter() too');
  });

  it('keeps registries apart', async () => {
    createMetrics().counter({ name: 'mine_total', help: 'Mine.' }).inc({});
    expect((await createMetrics().expose()).text).not.toContain('mine_total');
  });
});
