import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest } from './projects.mjs';
import { readmeSamples, SAMPLE_NAMES } from './readme-samples.mjs';
import { root, run } from './run.mjs';

/** The compilers to install beside our packages. */
export const COMPILERS = [
  // The oldest that we support.
  'typescript-5.4@npm:typescript@5.4.5',
  'typescript-5.9@npm:typescript@5.9.3',
  `typescript-6@npm:typescript@${readManifest(join(root, 'node_modules', 'typescript')).version}`,
];

/** Of each compiler, the resolutions that hosts use. */
const COMBINATIONS = [
  ['typescript-5.4', 'nodenext'],
  ['typescript-5.9', 'node10'],
  ['typescript-5.9', 'nodenext'],
  ['typescript-5.9', 'bundler'],
  ['typescript-6', 'nodenext'],
  ['typescript-6', 'bundler'],
];

/**
 * Compiles the samples of our READMEs against installed packages, as hosts with other compilers and options do.
 *
 * @param {string} dir a project with our tarballs, what the samples import and COMPILERS installed
 */
export async function checkTypes(dir) {
  mkdirSync(join(dir, 'samples'));
  writeFileSync(join(dir, 'samples', 'names.d.ts'), SAMPLE_NAMES);
  for (const { name, text } of readmeSamples()) {
    // A sample without an import would share its names with all others.
    writeFileSync(join(dir, 'samples', name), `${text}export {};\n`);
  }
  /** @type {string[]} */
  const faults = [];
  for (const [compiler = '', moduleResolution = ''] of COMBINATIONS) {
    for (const strict of [true, false]) {
      faults.push(...(await compile(dir, compiler, { moduleResolution, strict }, 'samples/*.ts')));
    }
  }
  // What an editor shows a user of JavaScript.
  const javaScript = {
    moduleResolution: 'nodenext',
    checkJs: true,
    strict: true,
    noImplicitAny: false,
  };
  faults.push(...(await compile(dir, 'typescript-6', javaScript, 'samples/*.js')));
  // Mostly all compilers report the same.
  if (faults.length > 0) throw new Error([...new Set(faults)].join('\n'));
}

/**
 * @param {string} dir
 * @param {string} compiler
 * @param {Record<string, unknown> & { moduleResolution: string }} options
 * @param {string} files
 * @returns {Promise<string[]>} what the compiler reports
 */
async function compile(dir, compiler, options, files) {
  const compilerOptions = {
    module: options.moduleResolution === 'nodenext' ? 'nodenext' : 'esnext',
    target: 'es2022',
    lib: ['es2023', 'dom'],
    types: ['node'],
    esModuleInterop: true,
    skipLibCheck: true,
    noEmit: true,
    ...options,
  };
  const include = ['samples/names.d.ts', files];
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
  const name = `${compiler}, ${Object.entries(options).flat().join(' ')}`;
  const tsc = join(dir, 'node_modules', compiler, 'bin', 'tsc');
  try {
    await run(process.execPath, [tsc], { cwd: dir, quiet: true });
    console.log('samples', name, 'ok');
    return [];
  } catch (error) {
    const [, ...lines] = (error instanceof Error ? error.message : String(error)).split('\n');
    console.log('samples', name, 'FAILED');
    return lines;
  }
}
