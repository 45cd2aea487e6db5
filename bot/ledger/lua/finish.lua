-- The message is handled: keep the reply for retries, the state for the next one, and the record.
-- KEYS: claim, state, queue, stream, lease, warm
-- ARGV: ticket, reply ("" leaves the one that is there), claim seconds,
--       state ("" for none), state seconds, record ("" for none), its text,
--       seconds to keep "unknown", seconds to keep the reply of a private talk ("" for any other)
if ARGV[2] ~= '' and ARGV[9] ~= '' then
  redis.call('SET', KEYS[1], 'P', 'EX', ARGV[3])
  redis.call('SET', 'zpt:reply:' .. ARGV[1], ARGV[2], 'EX', ARGV[9])
elseif ARGV[2] ~= '' then
  redis.call('SET', KEYS[1], 'R' .. ARGV[2], 'EX', ARGV[3])
end
if ARGV[4] ~= '' then
  redis.call('SET', KEYS[2], ARGV[4], 'EX', ARGV[5])
elseif redis.call('EXISTS', KEYS[6]) == 1 then
  redis.call('DEL', KEYS[2])
else
  -- The dialogues are being loaded: what was listed before must not bring this one back.
  redis.call('SET', KEYS[2], '?', 'EX', ARGV[8])
end
redis.call('LREM', KEYS[3], 0, ARGV[1])
redis.call('DEL', KEYS[5])
if ARGV[6] ~= '' then
  redis.call('XADD', KEYS[4], '*', 'm', ARGV[6], 'x', ARGV[7])
end
return {'done'}
