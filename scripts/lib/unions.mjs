import { readFileSync } from 'node:fs';
import ts from 'typescript';

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {boolean} isOptional
 * @property {string} type
 * @property {string} text
 */
/**
 * @typedef {object} Member
 * @property {string} name a literal, or the literal of `type`
 * @property {string} when the first paragraph of its comment
 * @property {string} advice the second paragraph, or ''
 * @property {readonly Field[]} fields without `type`
 */

/**
 * Reads the members of a union of string literals, or of objects with a literal `type`, with their comments.
 *
 * @param {string} path of a TypeScript file
 * @param {string} name of an exported type
 * @returns {Member[]}
 */
export function readUnion(path, name) {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const alias = source.statements.find(
    (each) => ts.isTypeAliasDeclaration(each) && each.name.text === name,
  );
  if (alias === undefined || !ts.isTypeAliasDeclaration(alias) || !ts.isUnionTypeNode(alias.type)) {
    throw new Error(`${path}: ${name} is not a union`);
  }
  const { types, pos } = alias.type;
  return types.map((type, index) => {
    // The comment of a member stands before its `|`, behind the member before it.
    const start = types[index - 1]?.end ?? pos;
    const [when = '', advice = ''] = commentIn(source.text.slice(start, type.getStart(source)));
    const fields = ts.isTypeLiteralNode(type) ? fieldsOf(type, source) : [];
    const literal = fields.find((field) => field.name === 'type')?.type ?? type.getText(source);
    const member = literal.replaceAll("'", '');
    if (when === '') throw new Error(`${path}: ${name}: ${member} has no comment`);
    return { name: member, when, advice, fields: fields.filter((field) => field.name !== 'type') };
  });
}

/**
 * Reads the fields of an interface, with their comments.
 *
 * @param {string} path of a TypeScript file
 * @param {string} name of an exported interface
 * @returns {Field[]}
 */
export function readInterface(path, name) {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const found = source.statements
    .filter(ts.isInterfaceDeclaration)
    .find((each) => each.name.text === name);
  if (found === undefined) throw new Error(`${path} has no interface ${name}`);
  return fieldsOf(found, source);
}

/** @param {ts.TypeLiteralNode | ts.InterfaceDeclaration} node @param {ts.SourceFile} source @returns {Field[]} */
function fieldsOf(node, source) {
  return node.members.filter(ts.isPropertySignature).map((member) => ({
    name: member.name.getText(source),
    isOptional: member.questionToken !== undefined,
    type: member.type?.getText(source) ?? '',
    text: commentIn(member.getFullText(source))[0] ?? '',
  }));
}

/** @param {string} text @returns {string[]} the paragraphs of its comment, each on one line */
function commentIn(text) {
  const [, comment = ''] = /\/\*\*(.*?)\*\//s.exec(text) ?? [];
  return comment
    .replace(/^\s*\* ?/gm, '')
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim());
}
