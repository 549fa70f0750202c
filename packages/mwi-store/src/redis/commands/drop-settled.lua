--[[
  Takes mailboxes that were found settled out of the index, but for those that were put there again since.

  KEYS[1] the index
  ARGV[1] a member, ARGV[2] the score it had, and so on

  Returns nothing.
]]
for at = 1, #ARGV, 2 do
  if redis.call('ZSCORE', KEYS[1], ARGV[at]) == ARGV[at + 1] then redis.call('ZREM', KEYS[1], ARGV[at]) end
end
return false
