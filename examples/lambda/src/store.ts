export { openStore } from '@otp/example-shared/store';
