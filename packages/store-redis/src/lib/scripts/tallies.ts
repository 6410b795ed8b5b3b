/** Tallies: { second, sent, verified, … }, the newest second first, which lives a day after the last message. */
export const TALLIES = `
local DAY_SECONDS = 86400

local function readTally(place)
  local packed = redis.call('GET', KEYS[place])
  return packed and cmsgpack.unpack(packed) or {}
end

-- Returns sent and verified of the newest messages that make enough, and those of all seconds that can still matter.
local function judge(known, untilTime, enough)
  local sent, verified, kept = 0, 0, {}
  for place = 1, #known, 3 do
    if sent >= enough or known[place] <= untilTime - DAY_SECONDS then break end
    for index = place, place + 2 do kept[#kept + 1] = known[index] end
    if known[place] <= untilTime then
      sent, verified = sent + known[place + 1], verified + known[place + 2]
    end
  end
  return { sent, verified }, kept
end

local function writeTally(place, known, untilTime, enough, ...)
  local _, kept = judge(known, untilTime, enough)
  if #kept == 0 then
    redis.call('DEL', KEYS[place])
  else
    redis.call('SET', KEYS[place], cmsgpack.pack(kept), ...)
  end
end

local function secondOf(known, at)
  local place = 1
  while known[place] and known[place] > at do place = place + 3 end
  return place, known[place] == at
end

local tallies = {}

function tallies.sent(place, at, untilTime, enough)
  local known = readTally(place)
  local second, isKnown = secondOf(known, at)
  if not isKnown then
    for index, value in ipairs({ at, 0, 0 }) do table.insert(known, second + index - 1, value) end
  end
  known[second + 1] = known[second + 1] + 1
  writeTally(place, known, untilTime, enough, 'EX', DAY_SECONDS)
end

function tallies.verified(place, at, untilTime, enough)
  local known = readTally(place)
  local second, isKnown = secondOf(known, at)
  if not isKnown then return end
  known[second + 2] = math.min(known[second + 1], known[second + 2] + 1)
  writeTally(place, known, untilTime, enough, 'KEEPTTL')
end
`;
