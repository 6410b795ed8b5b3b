// A host whose store, sender and guard are in the process that started it, and so outlive it.
import { createOtpService } from '@otp/core';
import { otpRouter } from '@otp/express';
import express from 'express';

/** @type {Map<number, { resolve: (answer: unknown) => void, reject: (error: unknown) => void }>} */
const waiting = new Map();
let calls = 0;

process.on('message', ({ call, answer, error }) => {
  const { resolve, reject } = waiting.get(call);
  waiting.delete(call);
  if (error === undefined) resolve(answer);
  else reject(Object.assign(new Error(error.message), error));
});

const ask =
  (verb) =>
  (...args) =>
    new Promise((resolve, reject) => {
      calls += 1;
      const call = calls;
      waiting.set(call, { resolve, reject });
      process.send({ call, verb, args });
    });

const verbs = ['open', 'read', 'reserveSend', 'recordSend', 'cancel', 'reserveCheck'];
const more = ['complete', 'charge', 'reset', 'ping', 'close'];
const store = Object.fromEntries([...verbs, ...more].map((verb) => [verb, ask(verb)]));
const send = ask('send');
const sender = { send: ({ code, to, idempotencyKey }) => send({ code, to, idempotencyKey }) };
const guard = ask('guard');

const service = createOtpService({
  ...JSON.parse(process.argv[2]),
  store,
  channels: { sms: { sender, countries: 'ALL' }, email: { sender } },
  guard: ({ flow }) => guard(flow),
});
const server = express()
  .use('/otp', otpRouter(service))
  .listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.once('disconnect', () => process.exit());
