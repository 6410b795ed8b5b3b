import type { Limit } from '@otp/core/store';
import { defineScript } from './script.js';

/** Reads the clock of the server, in milliseconds. It stands still while a script runs. */
export const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- The last gap holds for all that follow; no gaps, no wait.
local function gapAfter(gaps, event)
  return (gaps[math.min(event, #gaps)] or 0) * 1000
end
`;

/**
 * A limit arrives as `limitArg` writes it, { cost, gaps or false, { { max, seconds }, ... } }, and is kept as
 * { op that counted last, end of the gap, count, end, count, end, ... } with one pair for each window.
 */
export const LIMITS = `
local function readCounter(key)
  local packed = redis.call('GET', key)
  if packed then return cmsgpack.unpack(packed) end
  return { '', 0, 0, 0 }
end

local function writeCounter(key, counter)
  local last = 0
  for at = 4, #counter, 2 do last = math.max(last, counter[at]) end
  redis.call('SET', key, cmsgpack.pack(counter), 'PX', math.max(1, last - now))
end

local function isOpen(counter)
  for at = 4, #counter, 2 do
    if counter[at] > now then return true end
  end
  return false
end

local function waitOf(counter, windows)
  local untilTime = math.min(counter[2], counter[4])
  for place, window in ipairs(windows) do
    if (counter[2 * place + 1] or 0) >= window[1] then
      untilTime = math.max(untilTime, counter[2 * place + 2])
    end
  end
  return untilTime - now
end

local function count(counter, limit, op)
  for place, window in ipairs(limit[3]) do
    local at = 2 * place + 1
    if (counter[at + 1] or 0) > now then
      counter[at] = counter[at] + 1
    else
      counter[at], counter[at + 1] = 1, now + window[2] * 1000
    end
  end
  counter[1] = op
  counter[2] = limit[2] and now + gapAfter(limit[2], counter[3]) or 0
end

-- { 1, now }: charged. { 2 }: this op has charged before. { -2, place, wait }: what refuses, and how long.
local function charge(limits, firstKey, op)
  local counters = {}
  for place, limit in ipairs(limits) do
    local counter = readCounter(KEYS[firstKey + place - 1])
    if op ~= '' and counter[1] == op and isOpen(counter) then return { 2 } end
    local wait = waitOf(counter, limit[3])
    if wait > 0 then return { -2, place, wait } end
    counters[place] = counter
  end
  for place, limit in ipairs(limits) do
    if limit[1] ~= 0 then
      count(counters[place], limit, op)
      writeCounter(KEYS[firstKey + place - 1], counters[place])
    end
  end
  return { 1, now }
end

local function giveBack(key, windows)
  local packed = redis.call('GET', key)
  if not packed then return end
  local counter, most = cmsgpack.unpack(packed), 0
  for place = 1, #windows do
    local at = 2 * place + 1
    if (counter[at + 1] or 0) > now then
      counter[at] = math.max(0, counter[at] - 1)
      most = math.max(most, counter[at])
    end
  end
  -- The event that is taken back was allowed, so the gap before it had passed.
  counter[2] = 0
  if most == 0 then redis.call('DEL', key) else writeCounter(key, counter) end
end

local function refund(limits, firstKey)
  for place, limit in ipairs(limits) do giveBack(KEYS[firstKey + place - 1], limit[3]) end
end
`;

/** The argument in which the scripts read limits. */
export function limitArg(limits: readonly Limit[]): string {
  return JSON.stringify(
    limits.map(({ cost = 1, gapsSeconds, windows }) => [
      cost,
      gapsSeconds ?? false,
      windows.map(({ max, windowSeconds }) => [max, windowSeconds]),
    ]),
  );
}

/** KEYS: the limits. ARGV: limits, op. */
export const CHARGE = defineScript('charge', [
  NOW,
  LIMITS,
  'return charge(cjson.decode(ARGV[1]), 1, ARGV[2])',
]);

/** KEYS: the limits. ARGV: limits. */
export const REFUND = defineScript('refund', [
  NOW,
  LIMITS,
  'refund(cjson.decode(ARGV[1]), 1) return 1',
]);

/**
 * Takes back what `op` was charged at the given time and nothing that later calls were charged: neither their gap nor
 * an event of a window that they opened.
 * KEYS: the limits. ARGV: limits, op, time of the charge.
 */
export const UNDO = defineScript('undo', [
  NOW,
  LIMITS,
  `
local op, chargedAt = ARGV[2], tonumber(ARGV[3])
for place, limit in ipairs(cjson.decode(ARGV[1])) do
  local packed = limit[1] ~= 0 and redis.call('GET', KEYS[place])
  if packed then
    local counter, most = cmsgpack.unpack(packed), 0
    for number, window in ipairs(limit[3]) do
      local at = 2 * number + 1
      local opened = (counter[at + 1] or 0) - window[2] * 1000
      if opened <= chargedAt and (counter[at] or 0) > 0 then counter[at] = counter[at] - 1 end
      most = math.max(most, counter[at] or 0)
    end
    if counter[1] == op then counter[1], counter[2] = '', 0 end
    if most == 0 then redis.call('DEL', KEYS[place]) else writeCounter(KEYS[place], counter) end
  end
end
return 1
`,
]);
