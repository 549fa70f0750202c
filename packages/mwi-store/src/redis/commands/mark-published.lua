--[[
  Remembers that a revision was published.

  KEYS    as mailbox.lua says
  ARGV[1] the revision
  ARGV[2] '1' if the mailbox stands in the index of those that are not settled

  Returns 1; 0 where nothing is known of the mailbox and it does not stand in the index: then nothing was changed.
]]
local lamp = load()
if not lamp.isHeardOf then
  if ARGV[2] ~= '1' then return 0 end
  redis.call('HSET', KEYS[2], 'generation', '')
end
local revision = tonumber(ARGV[1])
if revision > lamp.published then redis.call('HSET', KEYS[2], 'published', digits(revision)) end
return 1
