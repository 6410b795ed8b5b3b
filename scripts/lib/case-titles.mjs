import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';
import { projects } from './projects.mjs';
import { root } from './run.mjs';

/**
 * @typedef {object} CaseTitle
 * @property {string[]} cases the numbers in brackets at the end of the title
 * @property {string} title what stands before them
 * @property {string} file relative to the root, with `/`
 */

/** Tests, and the suites that are exported for others to run. */
const SOURCE = /\.test\.ts$|[\\/]packages[\\/]testing[\\/].+\.ts$|-suite\.ts$/;
/** The last two make the entries of exported suites. */
const TEST = /^(?:test|it|scenario|\w+Case)$/;
const NUMBERS = / \[([A-Z]\d\d(?:, [A-Z]\d\d)*)\]$/;

/** @returns {CaseTitle[]} every title in the sources that ends with the number of a case */
export function caseTitles() {
  return sourceFiles().flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const file = relative(root, path).split(sep).join('/');
    return titlesIn(ts.createSourceFile(file, text, ts.ScriptTarget.Latest)).flatMap((full) => {
      const [bracketed, numbers] = NUMBERS.exec(full) ?? [];
      if (bracketed === undefined || numbers === undefined) return [];
      const title = full.slice(0, -bracketed.length);
      return [{ cases: numbers.split(', '), title, file }];
    });
  });
}

/** @returns {string[]} */
function sourceFiles() {
  const folders = projects().flatMap(({ dir }) => [join(dir, 'src'), join(dir, 'test')]);
  return [...folders, join(root, 'test')]
    .filter(existsSync)
    .flatMap((dir) =>
      readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((name) => join(dir, name)),
    )
    .filter((path) => SOURCE.test(path))
    .sort();
}

/**
 * Read from the syntax tree: a run would take ten times as long, and cut what `test.each` fills in.
 *
 * @param {ts.SourceFile} source
 * @returns {string[]}
 */
function titlesIn(source) {
  /** @type {string[]} */
  const titles = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isCallExpression(node) && TEST.test(calleeName(node.expression))) {
      const title = node.arguments[0] && textOf(node.arguments[0]);
      if (title !== undefined) titles.push(title);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

/**
 * `test` also of `test.each([…])(…)`.
 *
 * @param {ts.Expression} callee
 * @returns {string}
 */
function calleeName(callee) {
  if (ts.isIdentifier(callee)) return callee.text;
  if (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) {
    return calleeName(callee.expression);
  }
  return ts.isTaggedTemplateExpression(callee) ? calleeName(callee.tag) : '';
}

/**
 * What varies from row to row becomes an ellipsis.
 *
 * @param {ts.Expression} title
 * @returns {string | undefined}
 */
function textOf(title) {
  if (ts.isStringLiteralLike(title)) return title.text.replace(/%[sdifjo]|\$[\w.]+/g, '…');
  if (!ts.isTemplateExpression(title)) return undefined;
  return [title.head.text, ...title.templateSpans.map(({ literal }) => literal.text)].join('…');
}
