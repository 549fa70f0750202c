import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { manualClock } from './manual-clock.ts';
import { onShutdown } from './shutdown.ts';

const setUp = () => {
  const signals = new EventEmitter();
  const exits: number[] = [];
  const lines: string[] = [];
  const clock = manualClock(0);
  const logger = createLogger({
    level: 'info',
    name: 'x',
    clock,
    destination: { write: (line) => void lines.push(line) },
  });
  const shutdown = onShutdown({ logger, clock, signals, exit: (code) => void exits.push(code) });
  return { signals, exits, clock, shutdown, log: () => lines.join('') };
};
const never = (): Promise<void> => new Promise(() => undefined);

describe('a stop', () => {
  it('runs the steps one after the other, what was opened last first, and exits 0', async () => {
    const { signals, exits, shutdown } = setUp();
    const order: string[] = [];
    for (const name of ['log', 'store', 'server']) {
      shutdown.add(name, async () => {
        order.push(`${name} begins`);
        await Promise.resolve();
        order.push(`${name} ends`);
      });
    }
    signals.emit('SIGTERM', 'SIGTERM');
    expect(await shutdown.stop('joins the one under way')).toBe(0);
    expect(order).toEqual(['server begins', 'server ends', 'store begins', 'store ends', 'log begins', 'log ends']);
    expect(exits).toEqual([0]);
  });

  it('is not disturbed by further signals', async () => {
    const { signals, exits, shutdown } = setUp();
    let runs = 0;
    shutdown.add('once', () => {
      runs += 1;
      return Promise.resolve();
    });
    for (const signal of ['SIGTERM', 'SIGTERM', 'SIGINT']) signals.emit(signal, signal);
    await shutdown.stop('test');
    expect([runs, exits]).toEqual([1, [0]]);
  });

  it('goes past a step that hangs, says which, and exits 1', async () => {
    const { exits, clock, shutdown, log } = setUp();
    let closed = false;
    shutdown.add('log', () => {
      closed = true;
      return Promise.resolve();
    });
    shutdown.add('projector', never, { limitMs: 2_000 });
    const stopped = shutdown.stop('test');
    await clock.advance(2_000);
    expect(await stopped).toBe(1);
    expect(closed).toBe(true);
    expect(exits).toEqual([1]);
    expect(log()).toContain('"step":"projector"');
  });

  it('ends within its grace whatever hangs, and tells each step how long it has', async () => {
    const { clock, shutdown } = setUp();
    const graces: number[] = [];
    const hang = (graceMs: number): Promise<void> => {
      graces.push(graceMs);
      return never();
    };
    shutdown.add('third', hang);
    shutdown.add('second', hang);
    shutdown.add('first', hang, { limitMs: 3_000 });
    const stopped = shutdown.stop('test');
    await clock.advance(9_000);
    expect(await stopped).toBe(1);
    expect(graces).toEqual([3_000, 6_000, 0]);
  });

  it('goes past a step that fails, logs it, and exits 1', async () => {
    const { exits, shutdown, log } = setUp();
    shutdown.add('fine', () => Promise.resolve());
    shutdown.add('broken', () => Promise.reject(new Error('cannot commit')));
    expect(await shutdown.stop('test')).toBe(1);
    expect(exits).toEqual([1]);
    expect(log()).toContain('cannot commit');
  });

  it.each(['uncaughtException', 'unhandledRejection'])('ends the process with 1 at once after an %s', (event) => {
    const { signals, exits, log } = setUp();
    signals.emit(event, new Error('nobody expected it'));
    expect(exits).toEqual([1]);
    expect(log()).toContain('nobody expected it');
  });
});

describe('a real process', () => {
  const run = (body: string) => {
    const index = JSON.stringify(new URL('./index.ts', import.meta.url).href);
    const code = `import { createLogger, onShutdown } from ${index};
      const shutdown = onShutdown({ logger: createLogger({ level: 'info', name: 'x' }) });
      setInterval(() => {}, 1_000);
      ${body}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    return { child, output: () => output };
  };

  it('finishes what is in flight after a SIGTERM and exits 0', async () => {
    const { child, output } = run(`
      shutdown.add('work', async () => { await new Promise((resolve) => setTimeout(resolve, 50)); console.log('work done'); });
      console.log('ready');`);
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(output()).toContain('work done');
  });

  it('ends with 1 and says why when a rejection is not handled', async () => {
    const { child, output } = run(`void Promise.reject(new Error('of +15551212000'));`);
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(output()).toContain('A rejection was not handled');
    expect(output()).not.toContain('5551212');
  });
});
