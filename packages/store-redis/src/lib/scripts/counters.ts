/**
 * The counters of limits. All counters of one key are one packed table, from the share to
 * { op that counted last, events for the next gap, end of the gap, give-backs, end of their day, count, end, count, end, … }
 * with one pair for each window. Times are in milliseconds.
 *
 * A limit arrives as { place of its key in KEYS, share, op, cost, gaps or false, { { max, seconds }, … } }.
 */
export const COUNTERS = `
local OP, GAP_EVENTS, GAP_ENDS_AT, GIVEN, GIVEN_UNTIL, WINDOWS = 1, 2, 3, 4, 5, 6
local DAY_MS = 86400000

local buckets, changed = {}, {}

local function bucketAt(place)
  if not buckets[place] then
    local packed = redis.call('GET', KEYS[place])
    buckets[place] = packed and cmsgpack.unpack(packed) or {}
  end
  return buckets[place]
end

-- The end of the last window, in which nothing needs to be left.
local function endOf(counter)
  local last = 0
  for at = WINDOWS, #counter, 2 do last = math.max(last, counter[at + 1]) end
  return last
end

local function isFirstOpen(counter)
  return (counter[WINDOWS + 1] or 0) > now
end

-- How long the counter matters: 0 if nothing is left in it.
local function keptUntil(counter)
  local last = counter[GIVEN] > 0 and counter[GIVEN_UNTIL] or 0
  if counter[GAP_EVENTS] > 0 then last = math.max(last, counter[WINDOWS + 1]) end
  for at = WINDOWS, #counter, 2 do
    if counter[at] > 0 then last = math.max(last, counter[at + 1]) end
  end
  return last
end

local function writeCounters()
  for place in pairs(changed) do
    local last = now
    for share, counter in pairs(buckets[place]) do
      local ends = keptUntil(counter)
      if ends <= now then buckets[place][share] = nil end
      last = math.max(last, ends)
    end
    if last <= now then
      redis.call('DEL', KEYS[place])
    else
      redis.call('SET', KEYS[place], cmsgpack.pack(buckets[place]), 'PX', last - now)
    end
  end
end

local function waitOf(counter, windows)
  -- A gap ends with the first window.
  local untilTime = math.min(counter[GAP_ENDS_AT], counter[WINDOWS + 1])
  for number, window in ipairs(windows) do
    local at = WINDOWS + 2 * number - 2
    if (counter[at] or 0) >= window[1] then untilTime = math.max(untilTime, counter[at + 1]) end
  end
  return untilTime - now
end

local function countUp(counter, at, windowMs)
  if (counter[at + 1] or 0) > now then
    counter[at] = counter[at] + 1
  else
    counter[at], counter[at + 1] = 1, now + windowMs
  end
end

local function countDown(counter, at)
  if counter[at + 1] > now then counter[at] = math.max(0, counter[at] - 1) end
end

-- Returns the end of the gap and of each window, by which an undo finds them.
local function count(place, share, op, gaps, windows)
  local bucket = bucketAt(place)
  local counter = bucket[share] or { '', 0, 0, 0, 0 }
  if not isFirstOpen(counter) then counter[GAP_EVENTS] = 0 end
  counter[OP], counter[GAP_ENDS_AT] = op, 0
  if gaps then
    counter[GAP_EVENTS] = counter[GAP_EVENTS] + 1
    local gap = gapAfter(gaps, counter[GAP_EVENTS])
    if gap > 0 then counter[GAP_ENDS_AT] = now + gap end
  end
  local receipt = { counter[GAP_ENDS_AT] }
  for number, window in ipairs(windows) do
    local at = WINDOWS + 2 * number - 2
    countUp(counter, at, window[2] * 1000)
    receipt[number + 1] = counter[at + 1]
  end
  bucket[share], changed[place] = counter, true
  return receipt
end

-- Returns the refusal, { -2, number of the limit, wait }; or else the receipts, none if the op has charged before.
local function charge(limits)
  for number, limit in ipairs(limits) do
    local place, share, op, cost, _, windows = unpack(limit)
    local counter = bucketAt(place)[share]
    if counter and op ~= '' and counter[OP] == op and endOf(counter) > now then
      if cost ~= 0 then return nil, {} end
    elseif counter then
      local wait = waitOf(counter, windows)
      if wait > 0 then return { -2, number, wait } end
    end
  end
  local receipts = {}
  for number, limit in ipairs(limits) do
    local place, share, op, cost, gaps, windows = unpack(limit)
    receipts[number] = cost ~= 0 and count(place, share, op, gaps, windows) or {}
  end
  return nil, receipts
end

local effects = {}

-- For a send that failed. The event was allowed, so the gap before it had passed.
function effects.refund(counter)
  for at = WINDOWS, #counter, 2 do countDown(counter, at) end
  counter[GAP_EVENTS] = math.max(0, counter[GAP_EVENTS] - 1)
  counter[GAP_ENDS_AT] = 0
end

-- For a right guess.
function effects.giveBack(counter)
  for at = WINDOWS, #counter, 2 do countDown(counter, at) end
end

-- For the create of a success, from windows that opened no later than the verification.
function effects.giveBackCreate(counter, openedAt, most, windows)
  countUp(counter, GIVEN, DAY_MS)
  if counter[GIVEN] > most then return end
  for number, seconds in ipairs(windows) do
    local at = WINDOWS + 2 * number - 2
    if counter[at] and counter[at + 1] - seconds * 1000 <= openedAt then countDown(counter, at) end
  end
end

-- Takes back what a charge counted, and nothing of a window that has opened since.
function effects.undo(counter, op, receipt)
  for number = 2, #receipt do
    local at = WINDOWS + 2 * number - 4
    if counter[at + 1] == receipt[number] then countDown(counter, at) end
  end
  if counter[WINDOWS + 1] == receipt[2] then counter[GAP_EVENTS] = math.max(0, counter[GAP_EVENTS] - 1) end
  if counter[GAP_ENDS_AT] == receipt[1] then counter[GAP_ENDS_AT] = 0 end
  if counter[OP] == op then counter[OP] = '' end
end

local function dropCounter(place, share)
  if bucketAt(place)[share] then buckets[place][share], changed[place] = nil, true end
end

local function changeCounter(change, place, share, ...)
  local counter = bucketAt(place)[share]
  if not counter then return end
  change(counter, ...)
  changed[place] = true
end

local function countOf(place)
  local counter = bucketAt(place)['']
  return counter and isFirstOpen(counter) and counter[WINDOWS] or 0
end
`;
