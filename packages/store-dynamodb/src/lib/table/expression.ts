import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** The name of an attribute that is composed, or reserved in expressions. */
export interface Name {
  readonly name: string;
}

export function nameOf(name: string): Name {
  return { name };
}

type Operand = Name | AttributeValue | Expression | string | number | boolean;

/** A part of a condition or an update. Its names and values are kept apart from its text. */
export class Expression {
  readonly #texts: readonly string[];
  readonly #operands: readonly Operand[];

  constructor(texts: readonly string[], operands: readonly Operand[]) {
    this.#texts = texts;
    this.#operands = operands;
  }

  render(placeholders: Placeholders): string {
    const operands = this.#operands.map((each) => placeholders.render(each));
    return this.#texts.map((text, index) => text + (operands[index] ?? '')).join('');
  }
}

/**
 * Makes an expression of DynamoDB from a template.
 *
 * @example expr`endsAt > ${now} AND attribute_not_exists(${nameOf('ttl')})`
 */
export function expr(texts: TemplateStringsArray, ...operands: readonly Operand[]): Expression {
  return new Expression(texts, operands);
}

/** Makes a path as it is written in an expression, for the index of a list. */
export function pathOf(path: string): Expression {
  return new Expression([path], []);
}

/** All of one or more conditions. */
export function allOf(conditions: readonly Expression[]): Expression {
  return conditions.reduce((left, right) => expr`${left} AND ${right}`);
}

/** A condition, and what to change where it holds. */
export interface Change {
  readonly when: readonly Expression[];
  readonly set?: readonly Expression[];
  readonly remove?: readonly (Name | Expression)[];
}

/** The names and values of one command. */
class Placeholders {
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, AttributeValue>();

  render(operand: Operand): string {
    if (operand instanceof Expression) return operand.render(this);
    if (typeof operand === 'object' && 'name' in operand) return this.#nameOf(operand);
    const placeholder = `:v${this.#values.size}`;
    this.#values.set(placeholder, toValue(operand));
    return placeholder;
  }

  #nameOf({ name }: Name): string {
    const placeholder = this.#names.get(name) ?? `#n${this.#names.size}`;
    this.#names.set(name, placeholder);
    return placeholder;
  }

  toInput() {
    const names = [...this.#names].map(([name, placeholder]) => [placeholder, name]);
    return {
      ...(names.length === 0 ? {} : { ExpressionAttributeNames: Object.fromEntries(names) }),
      ...(this.#values.size === 0
        ? {}
        : { ExpressionAttributeValues: Object.fromEntries(this.#values) }),
    };
  }
}

/** The change as the expressions of a command. */
export function toInput({ when, set = [], remove = [] }: Change) {
  const placeholders = new Placeholders();
  const list = (parts: readonly (Expression | Name)[]) =>
    parts.map((part) => placeholders.render(part));
  const updates = [
    ...(set.length === 0 ? [] : [`SET ${list(set).join(', ')}`]),
    ...(remove.length === 0 ? [] : [`REMOVE ${list(remove).join(', ')}`]),
  ];
  return {
    ...(when.length === 0 ? {} : { ConditionExpression: list(when).join(' AND ') }),
    ...(updates.length === 0 ? {} : { UpdateExpression: updates.join(' ') }),
    ...placeholders.toInput(),
  };
}

/** A string, a number or a boolean as DynamoDB has it; a value of DynamoDB as it is. */
export function toValue(value: string | number | boolean | AttributeValue): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  return typeof value === 'boolean' ? { BOOL: value } : value;
}
