import type { App } from './context.ts';

/** Says by which methods a path can be called; none for a path that is no route's. Add it before the routes. */
export function allowedMethods(app: App): (url: string) => readonly string[] {
  const routes: { readonly segments: readonly string[]; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ segments: url.split('/'), methods: [method].flat() });
  });
  return (url) => {
    const path = url.split('?', 1)[0]?.split('/') ?? [];
    const methods = routes.filter(({ segments }) => isOf(path, segments)).flatMap((route) => route.methods);
    return [...new Set(methods)].toSorted();
  };
}

function isOf(path: readonly string[], segments: readonly string[]): boolean {
  return (
    path.length === segments.length &&
    segments.every((segment, index) => (segment.startsWith(':') ? path[index] !== '' : segment === path[index]))
  );
}
