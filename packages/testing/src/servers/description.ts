/** Where a server is to listen and what folder is its own. */
export interface Place {
  /** The address to bind: loopback, or every address inside a container, whose port is published on loopback alone. */
  readonly host: string;
  readonly port: number;
  /** An empty folder at the first start; the same one, with what the server kept there, at a restart. */
  readonly folder: string;
}

export interface Invocation {
  readonly args: readonly string[];
  /** Secrets go here, not into the arguments, which every user of the machine can read. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Something that is no part of the workspace, and is installed into a cache when a test asks for it. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  /** The command of an ordinary client (npm, go) that puts it into a folder, which is also its working directory. */
  readonly install: (folder: string) => readonly string[];
  readonly installEnv?: (folder: string) => Readonly<Record<string, string>>;
  /** What a machine must have for that, in words for whoever lacks it. */
  readonly needs: string;
}

/** All that the launcher knows of one kind of server. */
export interface ServerDescription extends Tool {
  /** The program in the folder where it was installed. */
  readonly program: (folder: string) => readonly string[];
  /** The same program as an image, with what stands before the arguments. */
  readonly image: { readonly name: string; readonly program: readonly string[] };
  /** Whether it serves now: this very process, by what it said or by something that it alone answers, for another may have its port. */
  readonly isReady: (place: Place, output: string) => Promise<boolean> | boolean;
}
