import client from 'prom-client';

/** A value for each label of a metric; `{}` where it has none. Never a caller id, an IP address or anything else without a bound. */
export type LabelValues<L extends string> = Readonly<Record<L, string>>;

export interface MetricOptions<L extends string> {
  /** Prometheus name with its unit: `voicemail_deposits_total`, `voicemail_store_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly L[];
}

export interface HistogramOptions<L extends string> extends MetricOptions<L> {
  /** Upper bounds of the buckets, growing, in the metric's unit. */
  readonly buckets?: readonly number[];
}

export interface GaugeOptions<L extends string> extends MetricOptions<L> {
  /** Runs before each exposition and sets the gauge. Of a gauge that is asked for again, every one runs. A rejection is `expose`'s. */
  readonly collect?: (gauge: Gauge<L>) => void | Promise<void>;
}

/** Only grows. */
export interface Counter<L extends string> {
  inc(labels: LabelValues<L>, by?: number): void;
}

export interface Gauge<L extends string> {
  set(labels: LabelValues<L>, value: number): void;
  /** Forgets every label combination, so that what is gone is not exposed for ever. */
  reset(): void;
}

export interface Histogram<L extends string> {
  observe(labels: LabelValues<L>, value: number): void;
}

/**
 * The metrics of a process. Asking for a name again gives the same metric, so that services that share a process share its counts.
 * @throws Error when a name is asked for again with other labels or as another kind: the two would not fit on one page.
 */
export interface Metrics {
  counter<L extends string = never>(options: MetricOptions<L>): Counter<L>;
  gauge<L extends string = never>(options: GaugeOptions<L>): Gauge<L>;
  histogram<L extends string = never>(options: HistogramOptions<L>): Histogram<L>;
  /** Everything in the Prometheus text format. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/**
 * A registry of its own.
 * @param options.ofProcess with the metrics of the process itself (CPU, memory, event loop) in it: for one registry of a process, as they are
 * observed until it ends.
 */
export function createMetrics({ ofProcess = false }: { readonly ofProcess?: boolean } = {}): Metrics {
  const registry = new client.Registry();
  if (ofProcess) client.collectDefaultMetrics({ register: registry });
  const made = new Map<string, { readonly shape: string; readonly metric: unknown }>();

  const once = <M>(kind: string, options: MetricOptions<string>, make: () => M): M => {
    const shape = `${kind}(${(options.labels ?? []).join(',')})`;
    const known = made.get(options.name);
    if (known !== undefined && known.shape !== shape) {
      throw new Error(`The metric ${options.name} is a ${known.shape} and cannot be a ${shape} too.`);
    }
    if (known !== undefined) return known.metric as M;
    const metric = make();
    made.set(options.name, { shape, metric });
    return metric;
  };
  const base = <L extends string>(
    options: MetricOptions<L>,
  ): { name: string; help: string; labelNames: L[]; registers: [typeof registry] } => ({
    name: options.name,
    help: options.help,
    labelNames: [...(options.labels ?? [])],
    registers: [registry],
  });

  return {
    counter: (options) =>
      once('counter', options, () => {
        const counter = new client.Counter(base(options));
        return { inc: (labels, by = 1) => counter.inc(labels, by) };
      }),
    gauge: (options) => {
      const entry = once('gauge', options, () => {
        const collects: ((gauge: Gauge<string>) => void | Promise<void>)[] = [];
        const gauge = new client.Gauge({
          ...base<string>(options),
          collect: async () => {
            for (const collect of collects) await collect(wrapped);
          },
        });
        const wrapped: Gauge<string> = {
          set: (labels, value) => gauge.set(labels, value),
          reset: () => gauge.reset(),
        };
        return { wrapped, collects };
      });
      if (options.collect !== undefined) entry.collects.push(options.collect);
      return entry.wrapped;
    },
    histogram: (options) =>
      once('histogram', options, () => {
        const histogram = new client.Histogram({
          ...base(options),
          ...(options.buckets === undefined ? {} : { buckets: [...options.buckets] }),
        });
        return { observe: (labels, value) => histogram.observe(labels, value) };
      }),
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
