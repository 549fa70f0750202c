import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { s3Server } from '@voicemail/testing';
import { bareS3 } from '../bare/s3-objects.ts';
import { bareS3Calls } from '../forget/bare-s3.ts';
import { StoreMissing, type StoreKind } from './host.ts';

/** The Versity gateway, which keeps each object in a file of its own. */
export const s3: StoreKind = {
  name: 'S3',
  open: async (context) => {
    const available = await s3Server();
    if (!available.available) throw new StoreMissing(available.why);
    const server = await available.start({ keepAlive: true });
    let made = 0;
    return {
      kind: 'S3',
      by: available.name,
      url: server.endpoint,
      makePlace: async (folder) => {
        const bucket = `bucket-${(made += 1)}`;
        const files = join(server.dataFolder, bucket);
        if (folder === undefined) await mkdir(files);
        else await symlink(folder, files);
        const secret = join(await context.folder(), 'credentials');
        const { accessKey, secretKey, region } = server;
        await writeFile(secret, `[default]\naws_access_key_id = ${accessKey}\naws_secret_access_key = ${secretKey}\n`);
        return {
          storage: async (endpoint = server.endpoint) => ({
            interface: 'S3',
            bucket,
            region,
            endpoint,
            force_path_style: true,
            credentials_file: secret,
          }),
          bare: async (endpoint = server.endpoint) => bareS3({ ...server, endpoint }, bucket),
          bareCalls: async () => bareS3Calls(server, bucket),
          files,
        };
      },
      clear: async () => {
        const { dataFolder } = server;
        for (const bucket of await readdir(dataFolder)) await rm(join(dataFolder, bucket), { recursive: true });
      },
      [Symbol.asyncDispose]: () => server.stop(),
    };
  },
};
