/**
 * A verification is one packed array under one key: a hash would take twice the memory, because the sealed payload is
 * too long for the compact form of a hash. Times are in milliseconds. The first field is the version of the format; a
 * value in any other format is returned as a record that cannot be opened.
 */
export const RECORDS = `
local VERSION, SEALED, BINDING, OPENED_AT, ENDS_AT, MAX_GUESSES, MAX_SENDS, GAPS, SENDS, LAST_SEND, IS_SEND_OPEN,
  NEXT_SEND_AT, CHANNEL, CLAIMED_BY, CHECK_OPS, SEND_OPS = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16

-- Excludes NaN, the infinities, and numbers too large to be counted exactly.
local function isCount(value)
  return type(value) == 'number' and math.abs(value) < 2 ^ 53
end

local function isText(value)
  return type(value) == 'string'
end

local function isSendOp(value)
  return type(value) == 'table' and isText(value[1]) and isCount(value[2])
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
    and areAll(record, { OPENED_AT, ENDS_AT, MAX_GUESSES, MAX_SENDS, SENDS, LAST_SEND, NEXT_SEND_AT }, isCount)
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

local function hasGuesses(record)
  return isLive(record) and #record[CHECK_OPS] < record[MAX_GUESSES]
end

local GONE = { 0 }
-- The empty payload cannot be unsealed, so that the caller reports a corrupted record.
local UNREADABLE = { 4, '', '', 1, 0, 0 }

local function answer(status, record, ...)
  return { status, record[SEALED], record[CHANNEL], ... }
end

-- Each returns its status first: 1 done, 2 known from another call, 3 done by an earlier run with the same op,
-- 4 unreadable, 0 gone, -1 mismatch, -2 refused, -3 token used.
local verbs = {}

function verbs.open()
  if redis.call('EXISTS', KEYS[1]) == 1 then
    local record = readRecord()
    local first = record and record[SEND_OPS][1]
    return { first and first[1] == ask.op and 1 or 2 }
  end
  local refused = charge(ask.limits)
  if refused then return refused end
  local guesses = ask.guesses
  if ask.fewer and countOf(ask.fewer[1]) >= ask.fewer[2] then guesses = ask.fewer[3] end
  writeRecord({ 1, ask.sealed, ask.binding, now, now + ask.life * 1000, guesses, ask.sends, ask.gaps,
    1, 1, true, now + gapAfter(ask.gaps, 1), '', '', {}, ask.op and { { ask.op, 1 } } or {} })
  return { 1 }
end

function verbs.lower()
  local record = readRecord()
  if record then
    record[MAX_GUESSES] = ask.guesses
    writeRecord(record)
  end
  return { 1 }
end

function verbs.look()
  return { isLive(readRecord()) and 1 or 0 }
end

function verbs.read()
  local record, isUnreadable = readRecord()
  if isUnreadable then return UNREADABLE end
  if not hasGuesses(record) then return GONE end
  return answer(1, record, record[MAX_GUESSES] - #record[CHECK_OPS], record[MAX_SENDS] - record[SENDS],
    math.max(0, record[NEXT_SEND_AT] - now))
end

function verbs.reserveCheck()
  local record, isUnreadable = readRecord()
  if isUnreadable then return UNREADABLE end
  if not isLive(record) then return GONE end
  local ops, guesses = record[CHECK_OPS], nil
  for number, op in ipairs(ops) do
    if op == ask.op then guesses = number end
  end
  if not guesses and #ops >= record[MAX_GUESSES] then return GONE end
  if record[BINDING] ~= ask.binding then return { -1 } end
  if not guesses then
    guesses = #ops + 1
    ops[guesses] = ask.op
    writeRecord(record)
  end
  return charge(ask.limits) or answer(1, record, record[MAX_GUESSES] - guesses)
end

-- The last value, whether a send could be cancelled before, is for undoSend.
function verbs.reserveSend()
  local record, isUnreadable = readRecord()
  if isUnreadable then return UNREADABLE end
  if not hasGuesses(record) then return GONE end
  for _, known in ipairs(record[SEND_OPS]) do
    if known[1] == ask.op then return answer(3, record, known[2]) end
  end
  if record[SENDS] >= record[MAX_SENDS] then return { -2, 0, record[ENDS_AT] - now } end
  if record[NEXT_SEND_AT] > now then return { -2, -1, record[NEXT_SEND_AT] - now } end
  local refused = charge(ask.limits)
  if refused then return refused end
  local wasOpen = record[IS_SEND_OPEN] and 1 or 0
  record[SENDS] = record[SENDS] + 1
  record[LAST_SEND] = record[LAST_SEND] + 1
  record[IS_SEND_OPEN] = true
  record[NEXT_SEND_AT] = now + gapAfter(record[GAPS], record[SENDS])
  table.insert(record[SEND_OPS], { ask.op, record[LAST_SEND] })
  writeRecord(record)
  return answer(1, record, record[LAST_SEND], wasOpen)
end

-- Of a send that a limit in another slot has refused. Its number was returned to no caller.
function verbs.undoSend()
  local record = readRecord()
  for place, known in ipairs(record and record[SEND_OPS] or {}) do
    if known[1] == ask.op then
      record[SENDS] = record[SENDS] - 1
      if record[LAST_SEND] == known[2] then
        record[LAST_SEND] = known[2] - 1
        record[IS_SEND_OPEN] = ask.wasOpen
        record[NEXT_SEND_AT] = now
      end
      table.remove(record[SEND_OPS], place)
      writeRecord(record)
      return { 1 }
    end
  end
  return GONE
end

function verbs.recordSend()
  local record = readRecord()
  if ask.channel and record and record[LAST_SEND] == ask.send then
    record[CHANNEL] = ask.channel
    writeRecord(record)
  end
  return { 1 }
end

function verbs.cancel()
  local record = readRecord()
  if not record or record[LAST_SEND] ~= ask.send or not record[IS_SEND_OPEN] then return GONE end
  if ask.send == 1 then
    redis.call('DEL', KEYS[1])
    return { 1 }
  end
  record[SENDS] = record[SENDS] - 1
  record[IS_SEND_OPEN] = false
  for place = #record[SEND_OPS], 1, -1 do
    if record[SEND_OPS][place][2] == ask.send then table.remove(record[SEND_OPS], place) end
  end
  -- It was allowed at its time, and nothing has been sent since.
  record[NEXT_SEND_AT] = now
  writeRecord(record)
  return { 1 }
end

function verbs.complete()
  local record = readRecord()
  if not record or record[ENDS_AT] <= now then return GONE end
  if record[CLAIMED_BY] ~= '' then return { record[CLAIMED_BY] == ask.op and 3 or 0 } end
  if charge(ask.limits) then return { -3 } end
  record[CLAIMED_BY] = ask.op
  writeRecord(record)
  ask.openedAt = record[OPENED_AT]
  return { 1, ask.openedAt }
end

-- A write, which a replica, a server without memory or a user without the permission refuses.
function verbs.ping()
  redis.call('SET', KEYS[1], '', 'PX', 1)
  return { 1 }
end

-- Without a record: what concerns one slot.
function verbs.charge()
  local refused, receipts = charge(ask.limits)
  return refused or { 1, receipts }
end
`;
