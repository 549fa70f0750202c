--[[
  Puts mailboxes at the end of the index of those that are not settled.

  KEYS[1] the index
  ARGV[1] 'all', or 'new': those that stand there stay where they are
  ARGV[2] a member, and so on

  Returns nothing. A member's score is one that it never had before, so that whoever found it settled can tell whether it was put there
  again since.
]]
local time = redis.call('TIME')
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
local score = math.max(tonumber(time[1]) * 1000000 + tonumber(time[2]), tonumber(last[2] or '0'))
for at = 2, #ARGV do
  if ARGV[1] == 'all' or not redis.call('ZSCORE', KEYS[1], ARGV[at]) then
    score = score + 1
    redis.call('ZADD', KEYS[1], string.format('%.0f', score), ARGV[at])
  end
end
return false
