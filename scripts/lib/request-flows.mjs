import { posix } from 'node:path';

const MAX_FILES = 15;

/**
 * Checks the lists of files under `## Request flow: …`: how long they are, and that each file is imported by one before it.
 *
 * @param {string} text of docs/concepts/architecture.md
 * @param {import('dependency-cruiser').ICruiseResult} result
 * @returns {string[]} the faults
 */
export function findFlowFaults(text, { modules }) {
  const importers = new Map(modules.map(({ source, dependents }) => [source, dependents]));
  return [...text.matchAll(/^## (Request flow: .*)\n((?:(?!## ).*\n)*)/gm)].flatMap(
    ([, title = '', section = '']) => {
      const items = section.split('\n').filter((line) => /^(?:\d+\. | {3})/.test(line));
      const links = items.join('\n').matchAll(/\]\(([^)]+\.ts)\)/g);
      const files = [
        ...new Set([...links].map(([, path = '']) => posix.join('docs/concepts', path))),
      ];
      const unlinked = files.filter((file, index) => {
        const before = files.slice(0, index);
        return index > 0 && !importers.get(file)?.some((importer) => before.includes(importer));
      });
      return [
        ...(files.length > 0 && files.length <= MAX_FILES
          ? []
          : [`${title}: has ${files.length} files; at most ${MAX_FILES} can be followed`]),
        ...unlinked.map((file) => `${title}: no file before ${file} imports it`),
      ];
    },
  );
}
