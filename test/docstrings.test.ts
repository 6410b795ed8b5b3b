import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const packages = readdirSync(join(root, 'packages'));

/** The source file of each key of `exports`. */
function entriesOf(name: string): string[] {
  const folder = join(root, 'packages', name);
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.keys(exports)
    .filter((key) => !key.endsWith('.json'))
    .map((key) => join(folder, 'src', key === '.' ? 'index.ts' : `${key.slice(2)}.ts`));
}

const config = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
const program = ts.createProgram(packages.flatMap(entriesOf), { ...options, noEmit: true });
const checker = program.getTypeChecker();

/** What the docstring of an export lacks: a summary, and for a function `@param` for each parameter and `@returns`. */
function faultsOf(entry: string): string[] {
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  if (source === undefined || module === undefined) throw new Error(`${entry} exports nothing`);
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
    const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
    const tags = symbol.getJsDocTags(checker).map((tag) => tag.name);
    const [signature] = checker.getTypeOfSymbolAtLocation(symbol, source).getCallSignatures();
    const lacks = [
      symbol.getDocumentationComment(checker).length === 0 && 'a summary',
      signature &&
        tags.filter((tag) => tag === 'param').length < signature.parameters.length &&
        'a @param',
      signature && !returnsNothing(signature) && !tags.includes('returns') && '@returns',
    ].filter((each) => typeof each === 'string');
    return lacks.length === 0 ? [] : [`${exported.name} lacks ${lacks.join(', ')}`];
  });
}

function returnsNothing(signature: ts.Signature): boolean {
  return /^(?:void|Promise<void>)$/.test(checker.typeToString(signature.getReturnType()));
}

it.each(packages)('describes every export of @otp/%s', (name) => {
  expect(entriesOf(name).flatMap(faultsOf)).toEqual([]);
});
