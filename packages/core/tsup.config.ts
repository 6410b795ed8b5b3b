import type { Options } from 'tsup';
import { base } from '../../tsup.base.ts';

export default {
  ...base,
  entry: ['src/index.ts', 'src/adapter.ts', 'src/store.ts', 'src/otp-keys.ts'],
} satisfies Options;
