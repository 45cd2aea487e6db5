-- Fill the copy of the open dialogues, as long as nobody else has done it. What is there is newer.
-- KEYS: warm, states
-- ARGV: for each state, the state and its seconds
if redis.call('EXISTS', KEYS[1]) == 1 then
  return {'loaded'}
end
for number = 2, #KEYS do
  redis.call('SET', KEYS[number], ARGV[2 * number - 3], 'EX', ARGV[2 * number - 2], 'NX')
end
return {'filled'}
