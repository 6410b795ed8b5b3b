// Checks the messages of commits by commitlint.config.mjs: those after FIRST, with which the rule began. A shallow clone
// that does not reach FIRST has its own commits checked; a folder without that history, a tarball for example, has none.
import { run } from './lib/run.mjs';

const FIRST = '8cd511016c70c95f23825ac3c4a83c2f28b9bac8';

/** @param {string[]} args @returns {Promise<string | undefined>} its output, unless git fails */
const git = (...args) =>
  run('git', args, { quiet: true }).then(
    (output) => output.trim(),
    () => undefined,
  );

/** @returns {Promise<string[] | undefined>} the range, as arguments of commitlint */
async function findRange() {
  if ((await git('merge-base', '--is-ancestor', FIRST, 'HEAD')) !== undefined) {
    return ['--from', FIRST];
  }
  if ((await git('rev-parse', '--is-shallow-repository')) !== 'true') return undefined;
  const commits = (await git('rev-list', 'HEAD'))?.split('\n') ?? [];
  const oldest = commits.at(-1);
  return commits.length > 1 && oldest ? ['--from', oldest] : ['--last'];
}

const range = await findRange();
if (range === undefined) console.log('no git history since the rule began: no commit is checked');
else await run('commitlint', range);
