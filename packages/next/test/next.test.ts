import { adapterCases } from '@otp/testing';
import { test } from 'vitest';
import { directAdapter } from './direct.js';

test.each(adapterCases)('called directly: $name [L01]', ({ run }) => run(directAdapter()));
