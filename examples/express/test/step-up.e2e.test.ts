import { testStepUpPage } from '@otp/example-shared/testing/step-up-suite';
import { program } from './demo.js';

testStepUpPage(program);
