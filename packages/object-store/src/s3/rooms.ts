/** Memory for parts of bodies. */
export interface Rooms {
  take(): Uint8Array;
  giveBack(room: Uint8Array): void;
}

/**
 * Rooms that are used again: made anew for each body, they would leave the process's memory in pieces that are too small for
 * the next. As many as are needed at once, of which `maxKept` stay.
 */
export function rooms(bytes: number, maxKept: number): Rooms {
  const free: Uint8Array[] = [];
  return {
    take: () => free.pop() ?? Buffer.allocUnsafeSlow(bytes),
    giveBack: (room) => {
      if (free.length < maxKept) free.push(room);
    },
  };
}
