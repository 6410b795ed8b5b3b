import { hash } from 'node:crypto';
import { COUNTERS } from './counters.js';
import { RECORDS } from './records.js';
import { TALLIES } from './tallies.js';

/** Reads what is asked for, and the clock of the server, which stands still while a script runs. */
const START = `
local ask = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- The last gap holds for all that follow; no gaps, no wait.
local function gapAfter(gaps, event)
  return (gaps[math.min(event, #gaps)] or 0) * 1000
end
`;

/** An effect arrives as { place of its key in KEYS, name, … } and follows a step that is done. */
const END = `
local reads = {}

local function follow(place, name, ...)
  if name == 'forget' then
    redis.call('DEL', KEYS[place])
    buckets[place] = {}
  elseif name == 'drop' then
    dropCounter(place, ...)
  elseif name == 'countOf' then
    reads[#reads + 1] = countOf(place)
  elseif name == 'judge' then
    reads[#reads + 1] = judge(readTally(place), ...)
  elseif name == 'giveBackCreate' then
    local share, windows, most = ...
    changeCounter(effects.giveBackCreate, place, share, ask.openedAt, most, windows)
  elseif tallies[name] then
    tallies[name](place, ...)
  else
    changeCounter(effects[name], place, ...)
  end
end

local done = verbs[ask.verb]()
if done[1] == 1 or done[1] == 2 then
  for _, effect in ipairs(ask.effects) do follow(unpack(effect)) end
end
writeCounters()
return { done, reads }
`;

const text = [START, COUNTERS, TALLIES, RECORDS, END].join('');

/** The program that does every step of a verb on one node, in one atomic run. KEYS: the record, if any, and others. */
export const SCRIPT = {
  text,
  /** By which EVALSHA finds it. */
  sha: hash('sha1', text, 'hex'),
} as const;
