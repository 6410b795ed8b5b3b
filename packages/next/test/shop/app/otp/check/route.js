export { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } from '../../../../app/app/under-test.js';
