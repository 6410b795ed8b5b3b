import { adapterCases } from '@otp/testing';
import { test } from 'vitest';
import { directAdapter } from './direct.js';

test.each(adapterCases)('L01 called directly: $name', ({ run }) => run(directAdapter()));
