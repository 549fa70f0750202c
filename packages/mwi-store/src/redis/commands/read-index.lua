--[[
  Reads from a tenant's index, in the order of its members.

  KEYS[1] the index
  ARGV[1] from, ARGV[2] to, as ZRANGEBYLEX takes them
  ARGV[3] how many at most

  Returns the members; nothing where the index may lack some.
]]
if not isComplete('') then return false end
return redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])
