--[[
  Says that all that belongs into an index was added, if the index is still the one where that was begun.

  KEYS[1] the index
  ARGV[1] the token
  ARGV[2] the scope: what the index covers

  Returns nothing.
]]
if not redis.call('ZSCORE', KEYS[1], '#sweep:' .. ARGV[1] .. ':' .. history()) then return false end
repeat
  local marks = {}
  for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, 99)) do
    if string.sub(member, 1, 1) == '#' then marks[#marks + 1] = member end
  end
  if #marks > 0 then redis.call('ZREM', KEYS[1], unpack(marks)) end
until #marks == 0
redis.call('ZADD', KEYS[1], 0, '#complete:' .. ARGV[2] .. ':' .. history())
return false
