import { RedisScript } from '../redis-script.js';

/** Redis's clock in microseconds, as those of the processes may differ. A double holds them exactly until 2255. */
const NOW = `local time = redis.call('TIME'); local now = time[1] * 1000000 + time[2]`;

/** Reads the rule sets that ARGV begins with: their number, then for each its size, and for each rule limit and window. */
const SETS = `
  local sets, at = {}, 2
  for s = 1, tonumber(ARGV[1]) do
    local set = { most = 0, longest = 0 }
    local size = tonumber(ARGV[at])
    at = at + 1
    for r = 1, size do
      local limit, window = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
      at = at + 2
      set[r] = { limit, window }
      set.most, set.longest = math.max(set.most, limit), math.max(set.longest, window)
    end
    sets[s] = set
  end
`;

/**
 * KEYS: the times of the last calls of each request, oldest first; those of one call after those of the other. ARGV: the
 * rule sets, in microseconds, then for each call the number of its requests, and the rule set of each.
 *
 * A rule has room unless as many calls as its limit are in its window, and the oldest of those is found by its place.
 * Times far in the future are those of a clock that was set back; they are forgotten.
 *
 * Answers with four numbers for each refused call: its place, microseconds to wait, and the request and rule that
 * take the longest; places begin at 1.
 */
export const TAKE = new RedisScript(`
  ${NOW}
  ${SETS}
  local refused, key, call = {}, 0, 0
  while at <= #ARGV do
    local requests = tonumber(ARGV[at])
    local wait, request, rule = 0, 0, 0
    call = call + 1
    for i = 1, requests do
      local name = KEYS[key + i]
      for r, bounds in ipairs(sets[tonumber(ARGV[at + i])]) do
        local decisive = redis.call('LINDEX', name, -bounds[1])
        local left = decisive and tonumber(decisive) + bounds[2] - now or 0
        if left > 2 * bounds[2] then
          redis.call('DEL', name)
          left = 0
        end
        if left > wait then wait, request, rule = left, i, r end
      end
    end
    if wait > 0 then
      local n = #refused
      refused[n + 1], refused[n + 2], refused[n + 3], refused[n + 4] = call, wait, request, rule
    else
      local stamp = string.format('%.0f', now)
      for i = 1, requests do
        local name, set = KEYS[key + i], sets[tonumber(ARGV[at + i])]
        if redis.call('RPUSH', name, stamp) > set.most then redis.call('LTRIM', name, -set.most, -1) end
        redis.call('PEXPIRE', name, math.ceil(set.longest / 1000))
      end
    end
    key, at = key + requests, at + requests + 1
  end
  return refused
`);

/** KEYS and ARGV as of {@link TAKE}, for one call. Answers with the calls in the window of each rule, found by halving. */
export const USAGE = new RedisScript(`
  ${NOW}
  ${SETS}
  local used = {}
  for i, name in ipairs(KEYS) do
    local length = redis.call('LLEN', name)
    for _, bounds in ipairs(sets[tonumber(ARGV[at + i])]) do
      local low, high = 0, length
      while low < high do
        local middle = math.floor((low + high + 1) / 2)
        if tonumber(redis.call('LINDEX', name, -middle)) + bounds[2] > now then low = middle else high = middle - 1 end
      end
      used[#used + 1] = low
    end
  end
  return used
`);
