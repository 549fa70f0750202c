--[[
  Remembers that a revision was published.

  KEYS    as mailbox.lua says
  ARGV[1] the revision
  ARGV[2] '1' if the mailbox stands in the index of those that are not settled

  Returns the greatest revision that was published; 0 where nothing is known of the mailbox and it does not stand in the index: then
  nothing was changed.
]]
local state = redis.call('HMGET', KEYS[2], 'generation', 'published')
if not state[1] then
  if ARGV[2] ~= '1' then return 0 end
  redis.call('HSET', KEYS[2], 'generation', '')
end
local revision, published = tonumber(ARGV[1]), tonumber(state[2] or '0')
if revision <= published then return published end
redis.call('HSET', KEYS[2], 'published', digits(revision))
return revision
