import { testStandalonePage } from '@otp/example-shared/testing/standalone-suite';
import { program } from './demo.js';

testStandalonePage(program);
