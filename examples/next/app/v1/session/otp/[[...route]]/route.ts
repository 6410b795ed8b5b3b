import { sessionOf } from '@otp/example-shared';
import { type OtpRoutesOptions, otpRoutes } from '@otp/next';
import { getDemo } from '../../../../../lib/demo';

const { OTP_SESSION_HEADER, OTP_TRUST_PROXY } = process.env;

const session: OtpRoutesOptions['session'] = ({ headers }) =>
  sessionOf((name) => headers.get(name), getDemo().settings);

const clientAddress = { header: 'x-forwarded-for', trustedProxies: Number(OTP_TRUST_PROXY) };

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = otpRoutes(() => getDemo().service, {
  ...(OTP_SESSION_HEADER ? { session } : {}),
  ...(clientAddress.trustedProxies > 0 ? { clientAddress } : {}),
});
