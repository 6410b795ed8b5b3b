import { testStores } from '@otp/example-shared/testing/stores-suite';
import { program } from './demo.js';

testStores(program);
