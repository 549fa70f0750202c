declare module 'snappyjs' {
  export function uncompress(input: Buffer): Buffer;
}
