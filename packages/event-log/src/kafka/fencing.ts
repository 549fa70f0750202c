import { Fence, type FenceParts } from './fence.ts';

export interface FencingParts extends Omit<FenceParts, 'transactionalId' | 'heartbeat'> {
  readonly group: string;
}

/** What the fences of a group's members are made of. */
export class Fencing {
  readonly #parts: FencingParts;

  constructor(parts: FencingParts) {
    this.#parts = parts;
  }

  /** @param heartbeat see `FenceParts`. */
  fence(topic: string, partition: number, heartbeat: () => Promise<void>): Fence {
    const transactionalId = `${this.#parts.group}/${topic}/${partition}`;
    return new Fence({ ...this.#parts, transactionalId, heartbeat });
  }

  partitionOf(topic: string, key: string): number {
    return this.#parts.partitioner(topic, this.#parts.partitions.get(topic) ?? 1, key);
  }
}
