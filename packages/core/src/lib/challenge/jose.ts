/**
 * What we use of jose. A file of its own, to be loaded for the first proof: a cold start answers its first request
 * without.
 */
export { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
