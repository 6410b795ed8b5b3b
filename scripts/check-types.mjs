// Type-checks the root's own files and every project, each under its own tsconfig.json. One process reads each file
// once, and asks for the faults of a project's own files alone: tsc would check core again with each package that uses it.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { projects } from './lib/projects.mjs';
import { root } from './lib/run.mjs';

/** What has been parsed, by path and by what it is parsed as. @type {Map<string, ts.SourceFile | undefined>} */
const parsed = new Map();

/** @param {ts.CompilerOptions} options */
function createHost(options) {
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (file, parseOptions, ...rest) => {
    const key = JSON.stringify([file, parseOptions, options.jsx]);
    if (!parsed.has(key)) parsed.set(key, getSourceFile(file, parseOptions, ...rest));
    return parsed.get(key);
  };
  return host;
}

/**
 * @param {string} dir
 * @returns {readonly ts.Diagnostic[]}
 */
function check(dir) {
  const config = join(dir, 'tsconfig.json');
  if (!existsSync(config)) throw new Error(`no tsconfig.json in ${dir}`);
  const read = ts.getParsedCommandLineOfConfigFile(
    config,
    { noEmit: true, incremental: false },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (fault) => {
        throw new Error(ts.flattenDiagnosticMessageText(fault.messageText, '\n'));
      },
    },
  );
  if (read === undefined) throw new Error(`${config} cannot be read`);
  const { options, fileNames: rootNames, errors } = read;
  const program = ts.createProgram({ rootNames, options, host: createHost(options) });
  return [
    ...errors,
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...rootNames.flatMap((name) => {
      const file = program.getSourceFile(name);
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    }),
  ];
}

for (const dir of [root, ...projects().map((project) => project.dir)]) {
  const name = relative(root, dir) || 'root';
  const faults = ts.sortAndDeduplicateDiagnostics(check(dir));
  if (faults.length > 0) process.exitCode = 1;
  const text = ts.formatDiagnostics(faults, {
    getCurrentDirectory: () => root,
    getCanonicalFileName: (file) => file,
    getNewLine: () => '\n',
  });
  console.log(text ? `${name}:\n${text}` : `${name}: ok`);
}
