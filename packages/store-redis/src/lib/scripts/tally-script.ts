import type { Tally } from '@otp/core/store';
import { defineScript } from './script.js';

/** The argument in which the script reads tallies. */
export function tallyArg(tallies: readonly Tally[]): string {
  return JSON.stringify(
    tallies.map(({ at, sent, verified, until, enough }) => [at, sent, verified, until, enough]),
  );
}

/**
 * A tally arrives as `tallyArg` writes it and is kept as { at, sent, verified, ... }, newest first. Returns
 * { sent, verified } for each.
 * KEYS: the tallies. ARGV: tallies, seconds for which they are kept.
 */
export const TALLY = defineScript('tally', [
  `
local function change(known, at, sent, verified)
  local place = 1
  while known[place] and known[place] > at do place = place + 3 end
  if known[place] ~= at then
    if sent < 1 then return end
    for index, value in ipairs({ at, 0, 0 }) do table.insert(known, place + index - 1, value) end
  end
  known[place + 1] = known[place + 1] + sent
  known[place + 2] = math.min(known[place + 1], known[place + 2] + verified)
end

local oldest = tonumber(ARGV[2])

local function judge(known, untilTime, enough)
  local sent, verified, kept = 0, 0, {}
  for place = 1, #known, 3 do
    if sent >= enough or known[place] <= untilTime - oldest then break end
    for index = place, place + 2 do kept[#kept + 1] = known[index] end
    if known[place] <= untilTime then
      sent, verified = sent + known[place + 1], verified + known[place + 2]
    end
  end
  return { sent, verified }, kept
end

local answers = {}
for number, asked in ipairs(cjson.decode(ARGV[1])) do
  local at, sent, verified, untilTime, enough = unpack(asked)
  local packed = redis.call('GET', KEYS[number])
  local known = packed and cmsgpack.unpack(packed) or {}
  if sent ~= 0 or verified ~= 0 then change(known, at, sent, verified) end
  local answer, kept = judge(known, untilTime, enough)
  answers[number] = answer
  if sent == 1 then
    redis.call('SET', KEYS[number], cmsgpack.pack(kept), 'EX', ARGV[2])
  elseif packed and #kept == 0 then
    redis.call('DEL', KEYS[number])
  elseif packed and verified == 1 then
    redis.call('SET', KEYS[number], cmsgpack.pack(kept), 'KEEPTTL')
  end
end
return answers
`,
]);
