import { RedisScript } from '../redis-script.js';

/** A breaker that nothing is heard of for so long, beyond the time that it stays open, is forgotten: it is closed. */
const KEPT_MS = 86_400_000;

/** Redis's clock, as those of the processes may differ: in milliseconds, and in microseconds for versions. */
const NOW = `
  local time = redis.call('TIME')
  local now, tick = time[1] * 1000 + math.floor(time[2] / 1000), time[1] * 1000000 + time[2]
`;

/**
 * One event of one breaker, as `SharedBreakerRecord` does it; the kind `look` changes nothing.
 *
 * KEYS: the breaker, its trials by when they make room, the names of breakers that are not quiet by when they are
 * forgotten. ARGV: the channel, the name, the kind, failureThreshold, timeoutMs, halfOpenMaxCalls, the known version, then
 * period or lease, or for `join` state, faults, remaining milliseconds and whether alone (1 or 0).
 *
 * Answers with whether a trial is admitted (1 or 0) and the state in JSON, which is published where it has changed.
 * Numbers are written by `format`: Lua's own text of one keeps 14 digits.
 */
export const REPORT = new RedisScript(`
  ${NOW}
  local name, kind, told = ARGV[2], ARGV[3], ARGV[8]
  local threshold, timeout, most, known = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
  local stored = redis.call('HMGET', KEYS[1], 'version', 'period', 'state', 'faults', 'until')
  local version, period, state = tonumber(stored[1] or 0), tonumber(stored[2] or 0), stored[3] or 'closed'
  local faults, till = tonumber(stored[4] or 0), tonumber(stored[5] or 0)
  local changed, admitted = false, 0

  local function begin(to, ms)
    state, faults, till, period, changed = to, 0, now + ms, 0, true
    redis.call('DEL', KEYS[2])
  end
  local function counts()
    if state ~= 'closed' then return false end
    local of = tonumber(told)
    if period == 0 then period = of end
    return of == 0 or of == period
  end

  if kind == 'fault' then
    if counts() then
      faults, changed = faults + 1, true
      if faults >= threshold then begin('open', timeout) end
    end
  elseif kind == 'success' then
    if faults > 0 and counts() then faults, changed = 0, true end
  elseif kind == 'trial' then
    if state == 'open' and now >= till then begin('half-open', timeout) end
    if state == 'closed' then
      admitted = 1
    elseif state == 'half-open' then
      redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now))
      if redis.call('ZCARD', KEYS[2]) < most then
        redis.call('ZADD', KEYS[2], string.format('%.0f', now + timeout), told)
        redis.call('PEXPIRE', KEYS[2], string.format('%.0f', timeout + ${KEPT_MS}))
        admitted = 1
      end
    end
  elseif kind == 'trial-fault' then
    if redis.call('ZSCORE', KEYS[2], told) then begin('open', timeout) end
  elseif kind == 'trial-success' then
    if redis.call('ZSCORE', KEYS[2], told) then begin('closed', 0) end
  elseif kind == 'trial-end' then
    redis.call('ZREM', KEYS[2], told)
  elseif kind == 'reset' then
    begin('closed', 0)
  elseif kind == 'join' then
    local alone = ARGV[11] == '1'
    if version < known or alone and (version == known or told == 'open' and state == 'closed') then
      begin(told, tonumber(ARGV[10]))
      faults = tonumber(ARGV[9])
    end
  end

  if changed then
    version = math.max(tick, version + 1, known + 1)
    if period == 0 then period = version end
    redis.call('HSET', KEYS[1],
      'version', string.format('%.0f', version), 'period', string.format('%.0f', period),
      'state', state, 'faults', string.format('%.0f', faults), 'until', string.format('%.0f', till))
    local kept = timeout + ${KEPT_MS}
    redis.call('PEXPIRE', KEYS[1], string.format('%.0f', kept))
    if state == 'closed' and faults == 0 then
      redis.call('ZREM', KEYS[3], name)
    else
      redis.call('ZADD', KEYS[3], string.format('%.0f', now + kept), name)
      if redis.call('PTTL', KEYS[3]) < kept then redis.call('PEXPIRE', KEYS[3], string.format('%.0f', kept)) end
    end
  end
  local remaining = 0
  if state ~= 'closed' then remaining = math.max(0, till - now) end
  local text = string.format('{"name":%s,"version":%.0f,"period":%.0f,"state":"%s","faults":%.0f,"remainingMs":%.0f}',
    cjson.encode(name), version, period, state, faults, remaining)
  if changed then redis.call('PUBLISH', ARGV[1], text) end
  return { admitted, text }
`);

/** KEYS: the names of breakers that are not quiet. Answers with them. */
export const NAMES = new RedisScript(`
  ${NOW}
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
  return redis.call('ZRANGE', KEYS[1], 0, -1)
`);
