import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const windows = process.platform === 'win32';

/** The one place that names pnpm's version is the `test` script of the root package.json. */
function pnpmOfThisRepository() {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const found = /pnpm@[\d.]+/.exec(scripts.test);
  if (!found) throw new Error('the "test" script of the root package.json names no pnpm@VERSION');
  return found[0];
}

/**
 * Runs a program to its end, its output passed through, or collected when `quiet`. Rejects with that output when it
 * fails. A signal that stops this process stops the program first, so that nothing is left behind.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options]
 * @returns {Promise<string>} what it wrote to stdout, when `quiet`
 */
export function run(command, args, { cwd = root, env = process.env, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const path = `${join(root, 'node_modules', '.bin')}${delimiter}${env.PATH ?? ''}`;
    const child = spawn(command, args, {
      cwd,
      env: { ...env, PATH: path },
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
      shell: windows,
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    /** @param {NodeJS.Signals} signal */
    const stop = (signal) => {
      child.kill(signal);
      child.once('close', () => process.exit(signal === 'SIGINT' ? 130 : 143));
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
    const settle = () => process.off('SIGINT', stop).off('SIGTERM', stop);
    child.once('error', (cause) => {
      settle();
      reject(new Error(`${command} could not be started`, { cause }));
    });
    child.once('close', (status, signal) => {
      settle();
      if (status === 0) return resolve(stdout);
      const output = quiet ? `\n${stdout}${stderr}` : '';
      reject(new Error(`${command} ${args.join(' ')} ended with ${status ?? signal}${output}`));
    });
  });
}

/**
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function pnpm(args, options) {
  const execPath = process.env.npm_execpath ?? '';
  // Inside `pnpm run` that very pnpm; inside npm or alone, npx brings it.
  return /pnpm\.c?js$/.test(execPath)
    ? run(process.execPath, [execPath, ...args], options)
    : run('npx', ['-y', pnpmOfThisRepository(), ...args], options);
}
