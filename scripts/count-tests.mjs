// `node scripts/count-tests.mjs STATUS`: the total of all runs that wrote to OTP_TEST_REPORTS, of which the last one
// ended with STATUS.
import { conclude, openReports, readCounts } from './lib/counts.mjs';

const [, , status = '0'] = process.argv;
conclude(readCounts(openReports()), status === '0' ? [] : [`see above, exit status ${status}`]);
