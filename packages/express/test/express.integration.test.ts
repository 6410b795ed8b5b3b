import { adapterCases } from '@otp/testing';
import { describe, test } from 'vitest';
import { EXPRESS, type ExpressName, expressAdapter } from './express-app.js';

const cases = adapterCases.map((each) => [each.name, each] as const);
const names = Object.keys(EXPRESS) as ExpressName[];

describe.each(names)('%s', (name) => {
  test.each(cases)('%s', (_, { run }) => run(expressAdapter(EXPRESS[name])));
});
