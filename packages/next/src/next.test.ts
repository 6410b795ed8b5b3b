import { adapterCases } from '@otp/core/testing';
import { test } from 'vitest';
import { directAdapter } from './lib/testing/direct.js';

test.each(adapterCases)('L01 called directly: $name', ({ run }) => run(directAdapter()));
