-- May this message be handled now? Answers what is known of the dialogue, and the whole seconds that
-- are left of it, to the one whose turn it is.
-- KEYS: queue, state, lease
-- ARGV: ticket, lease milliseconds, start of the names of leases, seconds to keep "unknown"
redis.call('SET', KEYS[3], '1', 'PX', ARGV[2])
if not redis.call('LPOS', KEYS[1], ARGV[1]) then
  redis.call('RPUSH', KEYS[1], ARGV[1])
end
local head = redis.call('LINDEX', KEYS[1], 0)
while head ~= ARGV[1] do
  if redis.call('EXISTS', ARGV[3] .. head) == 1 then
    return {'wait'}
  end
  -- The one before us died: its place is free.
  redis.call('LPOP', KEYS[1])
  head = redis.call('LINDEX', KEYS[1], 0)
end
local state = redis.call('GET', KEYS[2])
-- Rounded down, or every message in between would prolong the copy past PostgreSQL's row.
local left = math.max(1, math.floor(redis.call('PTTL', KEYS[2]) / 1000))
-- Until we have finished nobody may trust the copy: PostgreSQL is asked then. What it said before
-- is a hint to those who wait behind us (open.lua); where our own is unknown there is none.
local before = 'n'
if state then
  before = string.sub(state, 1, 1) == '?' and '' or #state > 1 and 'c' or state
end
redis.call('SET', KEYS[2], '?' .. before, 'EX', ARGV[4])
return {'turn', state or '', left}
