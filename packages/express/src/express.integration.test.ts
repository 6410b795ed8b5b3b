import { adapterCases } from '@otp/core/testing';
import { describe, test } from 'vitest';
import { EXPRESS, type ExpressName, expressAdapter } from './lib/testing/express-app.js';

const names = Object.keys(EXPRESS) as ExpressName[];

describe.each(names)('%s', (name) => {
  test.each(adapterCases)('$name', ({ run }) => run(expressAdapter(EXPRESS[name])));
});
