export type { BodyResult, JsonObject } from './lib/body.js';
export { MAX_BODY_BYTES, parseJsonBody } from './lib/body.js';
export type {
  TokenSigner,
  VerifiedChallenge,
  VerifyChallengeTokenOptions,
} from './lib/challenge-token.js';
export { verifyChallengeToken } from './lib/challenge-token.js';
export type { ChallengeClaims, ChallengeStep } from './lib/claims.js';
export { addressBucket } from './lib/client-address.js';
export type { MessageInput, RecipientQuery } from './lib/config.js';
export type { ConsumeResult, ExpectedGrant, Grant } from './lib/consume.js';
export type { DpopExpectation } from './lib/dpop.js';
export { verifyDpopProof } from './lib/dpop.js';
export type { ErrorCode, Failure, RefusalReason } from './lib/errors.js';
export { ERRORS } from './lib/errors.js';
export type { OtpEvent, RedactedError, Warning } from './lib/events.js';
export type { SelectedFlow } from './lib/flow.js';
export { selectFlow } from './lib/flow.js';
export { generateKeys } from './lib/generate-keys.js';
export { handle, ROUTE_PATHS } from './lib/handle.js';
export { assertService } from './lib/handler.js';
export type { OtpRequest, OtpResponse, RequestBody } from './lib/http.js';
export type { NormalizedIdentifier, NormalizeResult } from './lib/identifier.js';
export { normalizeIdentifier } from './lib/identifier.js';
export type { IssueOptions, NewChallenge, NewChallengeStep } from './lib/issue.js';
export { issueChallengeToken } from './lib/issue.js';
export type { KeyringOptions } from './lib/keyring.js';
export type {
  ChallengeIssuer,
  FindKey,
  Jwk,
  JwkSet,
  RemoteKeysOptions,
  TrustedIssuer,
} from './lib/keys.js';
export { trustIssuer } from './lib/keys.js';
export type { OptionNames } from './lib/known-options.js';
export { assertKnownOptions } from './lib/known-options.js';
export type { MemoryStoreOptions } from './lib/memory-store.js';
export { createMemoryStore } from './lib/memory-store.js';
export type { MessageTemplate } from './lib/message-templates.js';
export type {
  ChannelOptions,
  ConversionOptions,
  CookieOptions,
  FixedCodeOptions,
  LimitOptions,
  LoginConfigOptions,
  OtpServiceOptions,
  SigningKey,
} from './lib/options.js';
export type {
  Channel,
  CheckReservation,
  Flow,
  Guard,
  GuardInput,
  GuardVerdict,
  Identifier,
  Limit,
  LimitName,
  MessageContent,
  NewRecord,
  OpenRecord,
  OtpMessage,
  OtpStore,
  Randomness,
  Refused,
  SendErrorOptions,
  Sender,
  SendFailure,
  SendReservation,
  Tallied,
  Tally,
  Window,
} from './lib/ports.js';
export { SendError } from './lib/ports.js';
export { readKeys } from './lib/read-keys.js';
export type { CheckRequest, CreateRequest } from './lib/request.js';
export { parseCheckRequest, parseCreateRequest } from './lib/request.js';
export { toErrorResponse } from './lib/response.js';
export type { OtpService } from './lib/service.js';
export { createOtpService } from './lib/service.js';
export type { SigningKeys } from './lib/signing-keys.js';
export { parseSigningKeys } from './lib/signing-keys.js';
export type { SmsSegments } from './lib/sms-segments.js';
export { countSmsSegments } from './lib/sms-segments.js';
