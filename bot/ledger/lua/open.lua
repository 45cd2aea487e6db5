-- One message arrives: was it here before, is somebody at it, can it be answered at once?
-- KEYS: claim, state, queue, warm, stream, lease
-- ARGV: ticket, reply at once ("" where there is none),
--       "aside" (dialogues do not matter), "unsure" (ask PostgreSQL about this person's) or "",
--       record, its text, claim seconds, lease milliseconds, start of the names of leases,
--       most tickets in a queue, seconds to keep "unknown"
local claim = redis.call('GET', KEYS[1])
if claim then
  if claim == 'P' then
    -- A private talk: the reply lies apart, and not for as long.
    return {'repeat', redis.call('GET', 'zpt:reply:' .. ARGV[1]) or ''}
  end
  if string.sub(claim, 1, 1) == 'R' then
    return {'repeat', string.sub(claim, 2)}
  end
  -- Whoever was at it renews its lease; without one it has died, and we take over.
  if redis.call('EXISTS', KEYS[6]) == 1 then
    return {'working'}
  end
end
local aside = ARGV[3] == 'aside'
-- Without this mark a missing state may only mean that Redis has lost it.
if not aside and redis.call('EXISTS', KEYS[4]) == 0 then
  if ARGV[3] ~= 'unsure' then
    return {'cold'}
  end
  redis.call('SET', KEYS[2], '?', 'EX', ARGV[10], 'NX')
end
if ARGV[2] ~= '' and (aside or redis.call('EXISTS', KEYS[2], KEYS[3]) == 0) then
  redis.call('SET', KEYS[1], 'R' .. ARGV[2], 'EX', ARGV[6])
  redis.call('XADD', KEYS[5], '*', 'm', ARGV[4], 'x', ARGV[5])
  return {'done'}
end
-- What is known of the talk, and "?" with what was known before somebody began to work on it.
local hint = redis.call('GET', KEYS[2])
if not hint then
  hint = 'n'
elseif string.sub(hint, 1, 1) == '?' then
  hint = #hint > 1 and string.sub(hint, 2) or '?'
elseif #hint > 1 then
  hint = 'c'
end
if not redis.call('LPOS', KEYS[3], ARGV[1]) then
  local most = tonumber(ARGV[9])
  if redis.call('LLEN', KEYS[3]) >= most then
    -- The dead do not count: a process that dies must not shut a person out.
    for _, ticket in ipairs(redis.call('LRANGE', KEYS[3], 0, -1)) do
      if redis.call('EXISTS', ARGV[8] .. ticket) == 0 then
        redis.call('LREM', KEYS[3], 1, ticket)
      end
    end
    if redis.call('LLEN', KEYS[3]) >= most then
      return {'full', hint}
    end
  end
  redis.call('RPUSH', KEYS[3], ARGV[1])
end
redis.call('SET', KEYS[1], 'W', 'EX', ARGV[6])
redis.call('SET', KEYS[6], '1', 'PX', ARGV[7])
redis.call('EXPIRE', KEYS[3], ARGV[6])
return {'queued', hint}
