import { defineConfig, type OxlintOverride } from 'oxlint';
import { EVERYTHING, LIBRARIES, PACKAGES, SERVICES, SQLITE_FOLDERS, TESTING } from './arrows.ts';

/** What the files of a folder may import, of the things that have a home. */
interface Allowance {
  readonly folder: string;
  readonly workspace: readonly string[];
  /** Whether `node:` modules are allowed at all; `node:sqlite` is a matter of its own. */
  readonly node?: boolean;
}

const escape = (name: string): string => name.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
/** A name itself or a path below it; a name that ends in `/` stands for every name that begins with it. */
const specifier = (name: string): string => (name.endsWith('/') ? `^${escape(name)}` : `^${escape(name)}(?:$|\\/)`);

const all = [...Object.keys(PACKAGES), ...SERVICES, EVERYTHING, TESTING];

/** The rule for one folder. Options of a later override replace those of an earlier one, so each is written whole. */
function imports(
  { folder, workspace, node = true }: Allowance,
  { tests }: { readonly tests: boolean },
): ['error', object] {
  const foreign = Object.entries(LIBRARIES).filter(([, home]) => !tests && !`${folder}/`.startsWith(`${home}/`));
  const sqlite = tests || SQLITE_FOLDERS.includes(folder);
  return [
    'error',
    {
      patterns: [
        ...all
          .filter((name) => !workspace.includes(name))
          .map((name) => ({
            regex: specifier(`@voicemail/${name}`),
            message: `${folder} must not import @voicemail/${name}: see arrows.ts.`,
          })),
        ...foreign.map(([name, home]) => ({
          regex: specifier(name),
          message: `${name} is imported in ${home} alone: see arrows.ts.`,
        })),
        { regex: String.raw`^\.\.?\/(?:.*\/)?src\/`, message: 'Other packages are imported by name, never by path.' },
        ...(node ? [] : [{ regex: '^node:', message: `${folder} is pure: no I/O, no clock, no environment.` }]),
        ...(sqlite ? [] : [{ regex: '^node:sqlite$', message: 'SQLite is opened in the sqlite adapters alone.' }]),
      ],
    },
  ];
}

const packages = Object.keys(PACKAGES);
const folders: readonly Allowance[] = [
  ...Object.entries(PACKAGES).map(([name, workspace]) => ({
    folder: `packages/${name}/src`,
    workspace,
    node: name !== 'domain',
  })),
  { folder: `packages/${TESTING}/src`, workspace: packages },
  ...SERVICES.map((name) => ({ folder: `services/${name}/src`, workspace: packages })),
  { folder: `services/${EVERYTHING}/src`, workspace: [...packages, ...SERVICES] },
];
const inside = (folder: string): Allowance | undefined =>
  folders.find((outer) => folder.startsWith(`${outer.folder}/`));
/** Folders inside a package where more is allowed than round them. */
const adapters: readonly Allowance[] = [...new Set([...Object.values(LIBRARIES), ...SQLITE_FOLDERS])].flatMap(
  (folder) => {
    const outer = inside(folder);
    return outer === undefined ? [] : [{ ...outer, folder }];
  },
);

const arrows: OxlintOverride[] = [...folders, ...adapters].map((allowance) => ({
  files: [`${allowance.folder}/**/*.ts`],
  rules: { 'no-restricted-imports': imports(allowance, { tests: false }) },
}));
const arrowsOfTests: OxlintOverride[] = folders.map((allowance) => ({
  files: [
    `${allowance.folder}/**/*.test.ts`,
    `${allowance.folder}/**/contract-suite.ts`,
    `${allowance.folder}/**/contract/*.ts`,
  ],
  rules: {
    'no-restricted-imports': imports(
      { ...allowance, workspace: [...allowance.workspace, TESTING], node: true },
      { tests: true },
    ),
  },
}));

const restricted = (object: string, property: string, message: string) => ({ object, property, message });
const TIME = 'Time comes from the Clock, so that a test can move it.';
const RANDOMNESS = 'Randomness comes from Ids, so that a simulation can seed it.';

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error' },
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: ['node_modules', 'dist', 'data', 'coverage'],
  rules: {
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/ban-ts-comment': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    // Rows of SQLite and parsed JSON have no type until one is asserted beside the statement that made them.
    'typescript/no-unsafe-type-assertion': 'off',
    // `fc.assert` is how fast-check is written, and a property's `expect` may stand in a branch.
    'import/no-named-as-default-member': 'off',
    'vitest/no-conditional-expect': 'off',
    // A describe may be one call, of the function that adds the tests.
    'vitest/valid-describe-callback': 'off',
    'vitest/expect-expect': [
      'error',
      { assertFunctionNames: ['expect', 'expect*', 'assert*', 'fc.assert', '*.assert'] },
    ],
    // CommonJS modules have a default export here; the compiler checks that they do.
    'import/default': 'off',
    // Text is spread on purpose, by code points.
    'typescript/no-misused-spread': 'off',
    // A helper stands where it is used, whether it closes over something or not.
    'unicorn/consistent-function-scoping': 'off',
    eqeqeq: 'error',
    'no-console': 'error',
  },
  overrides: [
    {
      files: ['packages/*/src/**/*.ts', 'services/*/src/**/*.ts'],
      rules: {
        'no-restricted-properties': [
          'error',
          restricted('Date', 'now', TIME),
          restricted('performance', 'now', TIME),
          restricted('Math', 'random', RANDOMNESS),
          restricted('process', 'env', 'The environment is read in a service’s main.ts, once, by readConfig.'),
        ],
      },
    },
    ...arrows,
    ...arrowsOfTests,
    {
      files: [
        'packages/runtime/src/clock.ts',
        'packages/runtime/src/ids.ts',
        `packages/${TESTING}/src/**/*.ts`,
        'services/*/src/main.ts',
        '**/*.test.ts',
      ],
      rules: { 'no-restricted-properties': 'off' },
    },
  ],
});
