// For `node --import`: requests to the hosts of STAND_INS go to servers on this machine, by `fetch` and by `node:https`.
import http from 'node:http';
import https from 'node:https';
import { URL } from 'node:url';

/** @type {Record<string, string>} */
const standIns = JSON.parse(process.env.STAND_INS ?? '{}');

const { fetch } = globalThis;
globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  const standIn = standIns[url.hostname];
  return fetch(standIn === undefined ? input : new URL(url.pathname + url.search, standIn), init);
};

const { request } = https;
/** @param {any} options @param {any[]} rest */
const redirected = (options, ...rest) => {
  const standIn = standIns[options.hostname];
  if (standIn === undefined) return request(options, ...rest);
  const { hostname, port, protocol } = new URL(standIn);
  return http.request({ ...options, hostname, port, protocol, agent: undefined }, ...rest);
};
https.request = redirected;
