import { posix } from 'node:path';
import { pages, readPage } from './pages.mjs';

const HEADINGS = ['Context', 'Decision', 'Consequences'];

function readDecisions() {
  return pages()
    .filter((page) => /^docs\/decisions\/\d{4}-/.test(page))
    .map((page) => {
      const file = posix.basename(page);
      const text = readPage(page);
      const [, number = '', title = ''] = /^# (\d{4})\. (.+)/.exec(text) ?? [];
      const [, successor] = /^Superseded by \[(\d{4})\]\(/m.exec(text) ?? [];
      const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
      return { file, number, title, successor, headings };
    });
}

/** @returns {string} a list, in Markdown */
export function listDecisions() {
  return readDecisions()
    .map(({ file, number, title, successor }) => {
      const mark = successor === undefined ? '' : ` (superseded by ${successor})`;
      return `- [${number}](${file}): ${title}${mark}\n`;
    })
    .join('');
}

/** @returns {string[]} records that are misnumbered or have other headings */
export function findDecisionFaults() {
  return readDecisions().flatMap(({ file, number, headings }, index) => {
    const expected = String(index + 1).padStart(4, '0');
    return [
      ...(file.startsWith(`${expected}-`) && number === expected
        ? []
        : [`docs/decisions/${file}: must be number ${expected}, in its name and its title`]),
      ...(headings.join() === HEADINGS.join()
        ? []
        : [`docs/decisions/${file}: its headings must be ${HEADINGS.join(', ')}`]),
    ];
  });
}
