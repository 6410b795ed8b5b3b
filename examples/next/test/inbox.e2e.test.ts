import { testInboxPage } from '@otp/example-shared/testing/inbox-suite';
import { program } from './demo.js';

testInboxPage(program);
