--[[
  Says that somebody adds all that belongs into an index.

  KEYS[1] the index
  ARGV[1] a token

  Returns nothing.
]]
redis.call('ZADD', KEYS[1], 0, '#sweep:' .. ARGV[1] .. ':' .. history())
return false
