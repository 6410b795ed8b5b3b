export type {
  CheckResult,
  CreateResult,
  OtpClient,
  RetryResult,
  StatusResult,
} from './lib/calls.js';
export type {
  VerifiedChallenge,
  VerifyChallengeTokenOptions,
} from './lib/challenge/challenge-token.js';
export { verifyChallengeToken } from './lib/challenge/challenge-token.js';
export type { ChallengeClaims, ChallengeStep } from './lib/challenge/claims.js';
export type { DpopExpectation, DpopFault, DpopResult } from './lib/challenge/dpop.js';
export { verifyDpopProof } from './lib/challenge/dpop.js';
export type { IssueOptions, NewChallenge, NewChallengeStep } from './lib/challenge/issue.js';
export { issueChallengeToken } from './lib/challenge/issue.js';
export type {
  ChallengeIssuer,
  FindKey,
  RemoteKeysOptions,
  TrustedIssuer,
} from './lib/challenge/issuer-keys.js';
export { trustIssuer } from './lib/challenge/issuer-keys.js';
export type { FindRecipient, RecipientQuery } from './lib/challenge/recipient.js';
export type { ChannelOptions } from './lib/channels/channels.js';
export type { FixedCodeOptions } from './lib/channels/fixed-codes.js';
export type { LoginConfigOptions } from './lib/channels/login-configs.js';
export type { ErrorCode, Failure, RefusalReason } from './lib/errors.js';
export { ERRORS } from './lib/errors.js';
export type {
  BreakerState,
  OtpEvent,
  RequestEvent,
  RequestFacts,
  ServiceEvent,
  Warning,
} from './lib/events/events.js';
export type { RedactedError } from './lib/events/redact.js';
export type { CookieOptions, OtpCookie } from './lib/http/cookie.js';
export type { Transport } from './lib/http/transport.js';
export type { NormalizedIdentifier, NormalizeResult } from './lib/identifier/identifier.js';
export { normalizeIdentifier } from './lib/identifier/identifier.js';
export { generateKeys } from './lib/keys/generate-keys.js';
export type { Jwk, JwkSet } from './lib/keys/jwk.js';
export type { KeyringOptions } from './lib/keys/keyring.js';
export { readKeys } from './lib/keys/read-keys.js';
export type { KeysOptions } from './lib/keys/resolve-keys.js';
export type { SigningKey } from './lib/keys/signing-keys.js';
export type {
  ConversionOptions,
  FlowLimitOptions,
  LimitOptions,
  StandaloneLimitOptions,
} from './lib/limit-options/limit-options.js';
export type { MemoryStoreOptions } from './lib/memory-store/memory-store.js';
export { createMemoryStore } from './lib/memory-store/memory-store.js';
export type { MessageTemplate } from './lib/messages/message-templates.js';
export type { MessageInput } from './lib/messages/messages.js';
export type { SmsSegments } from './lib/messages/sms-segments.js';
export { countSmsSegments } from './lib/messages/sms-segments.js';
export type { CompletedStep, CompleteStepResult } from './lib/operations/complete-host-step.js';
export type {
  ConsumeSessionStartResult,
  ConsumeStepUpResult,
  ExpectedStepUp,
  SessionStartProof,
} from './lib/operations/consume.js';
export type { VerificationStatus } from './lib/operations/status.js';
export type { OtpServiceOptions } from './lib/options.js';
export type {
  Channel,
  Flow,
  Guard,
  GuardInput,
  GuardVerdict,
  Identifier,
  LimitName,
  MessageContent,
  OtpMessage,
  Randomness,
  SendErrorOptions,
  Sender,
  SendFailure,
  Window,
} from './lib/ports.js';
export { SendError } from './lib/ports.js';
export type { OtpService, UserSubject } from './lib/service.js';
export { createOtpService } from './lib/service.js';
