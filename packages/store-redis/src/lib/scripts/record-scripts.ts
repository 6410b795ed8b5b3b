import { LIMITS, NOW } from './limit-scripts.js';
import { defineScript } from './script.js';

/**
 * A verification is one packed list under one key: a hash would take twice the memory, because the sealed payload is
 * too long for the compact form of a hash. Times are in milliseconds. The first field is the version of the format; a
 * value in any other format is returned as a record that cannot be opened.
 */
const RECORD = `
local VERSION, SEALED, BINDING, ENDS_AT, MAX_TRIES, MAX_SENDS, GAPS, SENDS, LAST_SEND, IS_SEND_OPEN, NEXT_SEND_AT,
  CHANNEL, CLAIMED_BY, CHECK_OPS, SEND_OPS = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15

-- Excludes NaN, the infinities, and numbers too large to be counted exactly.
local function isCount(value)
  return type(value) == 'number' and math.abs(value) < 2 ^ 53
end

local function isText(value)
  return type(value) == 'string'
end

local function isSendOp(value)
  return type(value) == 'table' and isCount(value[2])
end

local function isListOf(list, isItem)
  if type(list) ~= 'table' then return false end
  for _, item in pairs(list) do
    if not isItem(item) then return false end
  end
  return true
end

local function areAll(record, places, isOne)
  for _, place in ipairs(places) do
    if not isOne(record[place]) then return false end
  end
  return true
end

-- Any other value under the key must not be an error at every request.
local function isRecord(record)
  return type(record) == 'table' and record[VERSION] == 1 and #record == SEND_OPS
    and areAll(record, { SEALED, BINDING, CHANNEL, CLAIMED_BY }, isText)
    and areAll(record, { ENDS_AT, MAX_TRIES, MAX_SENDS, SENDS, LAST_SEND, NEXT_SEND_AT }, isCount)
    and isListOf(record[GAPS], isCount) and isListOf(record[CHECK_OPS], isText) and isListOf(record[SEND_OPS], isSendOp)
end

-- Returns the record or nil, and whether another value is under its key.
local function readRecord()
  local packed = redis.pcall('GET', KEYS[1])
  if not packed then return nil, false end
  local ok, record = pcall(cmsgpack.unpack, packed)
  if ok and isRecord(record) then return record, false end
  return nil, true
end

local function writeRecord(record)
  redis.call('SET', KEYS[1], cmsgpack.pack(record), 'PX', math.max(1, record[ENDS_AT] - now))
end

local function isLive(record)
  return record and record[ENDS_AT] > now and record[CLAIMED_BY] == ''
end

local GONE = { 0 }
-- The empty payload cannot be unsealed, so that the caller reports a corrupted record.
local UNREADABLE = { 1, '', 1, '', 0 }

local function answer(status, record, number)
  return { status, record[SEALED], record[ENDS_AT] - now, record[CHANNEL], number }
end
`;

/**
 * KEYS: record, limits. ARGV: limits, sealed, binding, life, tries, sends, gaps.
 * { 1 }: written. { 2 }: already there. { -2, number, wait }: the limit that refuses, from 1, and for how long.
 */
export const OPEN = defineScript('open', [
  NOW,
  LIMITS,
  `
if redis.call('EXISTS', KEYS[1]) == 1 then return { 2 } end
local charged = charge(cjson.decode(ARGV[1]), 2, '')
if charged[1] ~= 1 then return charged end
local life, gaps = ARGV[4] * 1000, cjson.decode(ARGV[7])
local record = { 1, ARGV[2], ARGV[3], now + life, tonumber(ARGV[5]), tonumber(ARGV[6]), gaps,
  1, 1, true, now + gapAfter(gaps, 1), '', '', {}, {} }
redis.call('SET', KEYS[1], cmsgpack.pack(record), 'PX', life)
return { 1 }
`,
]);

/** KEYS: record. ARGV: binding, op. { 0 }: gone. { -1 }: mismatch. { 1, sealed, left, channel, triesLeft }. */
export const RESERVE_CHECK = defineScript('reserveCheck', [
  NOW,
  RECORD,
  `
local record, isUnreadable = readRecord()
if isUnreadable then return UNREADABLE end
if not isLive(record) then return GONE end
local ops, tries = record[CHECK_OPS], nil
for number, op in ipairs(ops) do
  if op == ARGV[2] then tries = number end
end
if not tries and #ops >= record[MAX_TRIES] then return GONE end
if record[BINDING] ~= ARGV[1] then return { -1 } end
if not tries then
  tries = #ops + 1
  ops[tries] = ARGV[2]
  writeRecord(record)
end
return answer(1, record, record[MAX_TRIES] - tries)
`,
]);

/**
 * KEYS: record, limits. ARGV: limits, op. { 0 }: gone. { 1, sealed, left, channel, send, wasOpen }: counted now;
 * wasOpen is an argument of UNDO_SEND. { 2, sealed, left, channel, send }: counted before.
 * { -2, number, wait }: the limit that refuses, where 0 is the number of sends and -1 the interval.
 */
export const RESERVE_SEND = defineScript('reserveSend', [
  NOW,
  LIMITS,
  RECORD,
  `
local record, isUnreadable = readRecord()
if isUnreadable then return UNREADABLE end
if not isLive(record) or #record[CHECK_OPS] >= record[MAX_TRIES] then return GONE end
for _, known in ipairs(record[SEND_OPS]) do
  if known[1] == ARGV[2] then return answer(2, record, known[2]) end
end
if record[SENDS] >= record[MAX_SENDS] then return { -2, 0, record[ENDS_AT] - now } end
if record[NEXT_SEND_AT] > now then return { -2, -1, record[NEXT_SEND_AT] - now } end
local charged = charge(cjson.decode(ARGV[1]), 2, '')
if charged[1] ~= 1 then return charged end
local wasOpen = record[IS_SEND_OPEN] and 1 or 0
record[SENDS] = record[SENDS] + 1
record[LAST_SEND] = record[LAST_SEND] + 1
record[IS_SEND_OPEN] = true
record[NEXT_SEND_AT] = now + gapAfter(record[GAPS], record[SENDS])
table.insert(record[SEND_OPS], { ARGV[2], record[LAST_SEND] })
writeRecord(record)
local counted = answer(1, record, record[LAST_SEND])
counted[6] = wasOpen
return counted
`,
]);

/**
 * Takes back a send that `op` counted and a limit refused. Its number was returned to no caller.
 * KEYS: record. ARGV: limits (none), op, wasOpen.
 */
export const UNDO_SEND = defineScript('undo', [
  NOW,
  RECORD,
  `
local record = readRecord()
for place, known in ipairs(record and record[SEND_OPS] or {}) do
  if known[1] == ARGV[2] then
    record[SENDS] = record[SENDS] - 1
    if record[LAST_SEND] == known[2] then
      record[LAST_SEND] = known[2] - 1
      record[IS_SEND_OPEN] = ARGV[3] == '1'
      record[NEXT_SEND_AT] = now
    end
    table.remove(record[SEND_OPS], place)
    writeRecord(record)
    return { 1 }
  end
end
return { 0 }
`,
]);

/** KEYS: record, limits. ARGV: limits, send. { 1 }: undone. { 0 }: not. */
export const CANCEL = defineScript('cancel', [
  NOW,
  LIMITS,
  RECORD,
  `
local record, send = readRecord(), tonumber(ARGV[2])
if not record or record[LAST_SEND] ~= send or not record[IS_SEND_OPEN] then return { 0 } end
if send == 1 then
  redis.call('DEL', KEYS[1])
else
  record[SENDS] = record[SENDS] - 1
  record[IS_SEND_OPEN] = false
  for place = #record[SEND_OPS], 1, -1 do
    if record[SEND_OPS][place][2] == send then table.remove(record[SEND_OPS], place) end
  end
  -- It was allowed at its time, and nothing has been sent since.
  record[NEXT_SEND_AT] = now
  writeRecord(record)
end
refund(cjson.decode(ARGV[1]), 2)
return { 1 }
`,
]);

/** KEYS: record. ARGV: send, channel. */
export const RECORD_CHANNEL = defineScript('recordChannel', [
  NOW,
  RECORD,
  `
local record = readRecord()
if record and record[LAST_SEND] == tonumber(ARGV[1]) then
  record[CHANNEL] = ARGV[2]
  writeRecord(record)
end
return 1
`,
]);

/** KEYS: record. ARGV: op. Returns 1 when this op has ended the verification. */
export const CLAIM = defineScript('claim', [
  NOW,
  RECORD,
  `
local record = readRecord()
if not record or record[ENDS_AT] <= now then return 0 end
if record[CLAIMED_BY] == '' then
  record[CLAIMED_BY] = ARGV[1]
  writeRecord(record)
end
return record[CLAIMED_BY] == ARGV[1] and 1 or 0
`,
]);
