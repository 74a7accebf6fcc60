import { RedisScript } from '../redis-script.js';

/**
 * Decides claims of slots as `SlotTable` does, by Redis's clock.
 *
 * KEYS: a hash for each limit: what each holder has said last, as `held wanted place until sequence`, in this order. What
 * has come to nothing stays for a lease, so that an earlier claim that arrives late is known as such. ARGV: the process,
 * milliseconds of a lease, the number of the claim, the channel; then for each limit its name for others, its part, `max`,
 * `held` and `wanted`.
 *
 * Answers with two numbers for each limit: slots granted, slots that may be kept. Messages go out as JSON.
 */
export const CLAIM = new RedisScript(`
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  local from, lease, sequence, channel = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
  local function read(text)
    local held, wanted, place, untill, number = string.match(text or '', '^(%d+) (%d+) (%d+) (%d+) (%d+)$')
    if not held then return nil end
    return { held = tonumber(held), wanted = tonumber(wanted), place = tonumber(place), untill = tonumber(untill), number = tonumber(number) }
  end
  local function tell(kind, name, keep)
    redis.call('PUBLISH', channel, cjson.encode({ from = from, kind = kind, name = name, keep = keep }))
  end
  local answers = {}
  for i, key in ipairs(KEYS) do
    local at = 5 * i
    local name, me = ARGV[at], from .. '.' .. ARGV[at + 1]
    local max, held, wanted = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
    local before = read(redis.call('HGET', key, me))
    if before and before.number > sequence then
      answers[2 * i - 1], answers[2 * i] = 0, max
    else
      local freed = false
      local place = before and before.untill > now and before.wanted > 0 and before.place or now
      local elsewhere, ahead, waiting, users = 0, 0, 0, 0
      local all = redis.call('HGETALL', key)
      for field = 1, #all, 2 do
        local other = read(all[field + 1])
        if all[field] ~= me then
          if not other or other.untill <= now then
            redis.call('HDEL', key, all[field])
            freed = freed or other and other.held + other.wanted > 0
          else
            elsewhere = elsewhere + other.held
            if other.held + other.wanted > 0 then users = users + 1 end
            if other.wanted > 0 then
              waiting = waiting + 1
              local first = other.held < held
              if other.held == held then first = other.place < place or (other.place == place and all[field] < me) end
              if first then ahead = ahead + 1 end
            end
          end
        end
      end
      local granted = math.max(0, math.min(wanted, max - elsewhere - held - ahead))
      if granted > 0 then place = now end
      held, wanted = held + granted, wanted - granted
      if held + wanted > 0 then users = users + 1 end
      redis.call('HSET', key, me, string.format('%.0f %.0f %.0f %.0f %.0f', held, wanted, place, now + lease * 1000, sequence))
      redis.call('PEXPIRE', key, lease)
      if before and (before.held > held or (before.wanted > 0 and wanted == 0)) then freed = true end
      local total = elsewhere + held
      local share = total > max and 0 or math.floor(max / math.max(1, users))
      if freed and waiting > 0 and total < max then tell('freed', name) end
      if wanted > 0 or total > max then tell('wanted', name, share) end
      answers[2 * i - 1], answers[2 * i] = granted, (waiting > 0 or total > max) and share or max
    end
  end
  return answers
`);
