import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import {
  boolean,
  fn,
  instance,
  integer,
  oneOf,
  optionsOf,
  parseOptions,
  record,
  text,
} from './schema.js';

interface Options {
  readonly name: string;
  readonly count?: number;
  readonly mode?: 'fast' | 'slow';
  readonly nested?: { readonly on?: boolean };
  readonly list?: readonly string[];
  readonly now?: () => number;
  readonly store?: { get(): void };
}

const schema = optionsOf<Options>()({
  name: text(8),
  count: v.optional(integer(1, 5), 3),
  mode: v.optional(oneOf(['fast', 'slow']), 'fast'),
  nested: v.optional(
    optionsOf<{ readonly on?: boolean }>()({ on: v.optional(boolean(), true) }),
    {},
  ),
  list: v.optional(v.array(text(), 'must be an array of strings')),
  now: v.optional(fn<() => number>()),
  store: v.optional(instance<{ get(): void }>(['get'], 'must be a store')),
});

describe('parseOptions', () => {
  test('fills in defaults and keeps objects of the host as they are', () => {
    const store = { get() {} };
    const parsed = parseOptions(schema, { name: 'a', store }, 'make()');
    expect(parsed).toEqual({ name: 'a', count: 3, mode: 'fast', nested: { on: true }, store });
    expect(parsed.store).toBe(store);
  });

  test.each([
    [undefined, 'the options of make() must be an object.'],
    [null, 'the options of make() must be an object.'],
    [[], 'the options of make() must be an object.'],
    [{ name: 'a', nested: [] }, 'nested must be an object.'],
    [{}, 'name must be a string of 1 to 8 characters.'],
    [{ name: 7 }, 'name must be a string of 1 to 8 characters.'],
    [{ name: 'secret-value' }, 'name must be a string of 1 to 8 characters.'],
    [{ name: 'a', count: 6 }, 'count must be an integer from 1 to 5.'],
    [{ name: 'a', mode: 'secret' }, 'mode must be one of: fast, slow.'],
    [{ name: 'a', nested: { on: 1 } }, 'nested.on must be true or false.'],
    [{ name: 'a', nested: { off: 1 } }, 'nested has no option off; it takes on.'],
    [{ name: 'a', list: ['a', ''] }, 'list[1] must be a string of 1 to 512 characters.'],
    [{ name: 'a', list: 'a' }, 'list must be an array of strings.'],
    [{ name: 'a', now: 1 }, 'now must be a function.'],
    [{ name: 'a', store: {} }, 'store must be a store; it has no get().'],
    [
      { name: 'a', nmae: 'b' },
      'make() has no option nmae; it takes name, count, mode, nested, list, now, store.',
    ],
  ])('refuses %j', (value, message) => {
    expect(() => parseOptions(schema, value, 'make()')).toThrow(new TypeError(message));
  });

  test('names options below the option that holds them', () => {
    const parse = (value: unknown) => () => parseOptions(schema, value, 'limits');
    expect(parse({ name: 'a', count: 0 })).toThrow('limits.count must be an integer from 1 to 5.');
    expect(parse({ name: 'a', conut: 0 })).toThrow('limits has no option conut; it takes');
    expect(parse(7)).toThrow('limits must be an object.');
  });
});

describe('record', () => {
  const byCountry = record(text(2), integer(1, 5), 'must be an object of numbers by country');

  test('takes any name that its schema takes', () => {
    expect(parseOptions(byCountry, { US: 1, FR: 2 }, 'make')).toEqual({ US: 1, FR: 2 });
  });

  test.each([
    [undefined, 'make must be an object of numbers by country.'],
    [[1], 'make must be an object of numbers by country.'],
    [new Map([['US', 1]]), 'make must be an object of numbers by country.'],
    [{ constructor: 1 }, 'make must be an object of numbers by country.'],
    [JSON.parse('{ "__proto__": 1 }'), 'make must be an object of numbers by country.'],
    [{ USA: 1 }, 'make.USA must be a string of 1 to 2 characters.'],
    [{ US: 6 }, 'make.US must be an integer from 1 to 5.'],
  ])('refuses %o', (value, message) => {
    expect(() => parseOptions(byCountry, value, 'make')).toThrow(new TypeError(message));
  });
});
