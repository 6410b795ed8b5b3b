import { testPages } from '@otp/example-shared/testing/pages-suite';
import { program } from './demo.js';

testPages(program);
