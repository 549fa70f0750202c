--[[
  What every script of a mailbox begins with; it is put in front of each.

  KEYS[1] mwi:{<tenant>/<mailbox>}          the counts, for everybody to read
  KEYS[2] mwi:{<tenant>/<mailbox>}:state    the same counts, with the settings, what was published, and what is known:
            generation  '' unknown; 'recount:<token>' a recount is under way; 'known:<token>' the entries are those of that recount
            history     of the server when the recount was begun
            lost        '1' since something of the mailbox was found missing, until the next recount ends
  KEYS[3] mwi:{<tenant>/<mailbox>}:entries  message id -> '<revision> <new|old|gone> <1: urgent, 0>[ <ms since the epoch when it went>]',
                                            and '#' -> the generation that they belong to
]]
local LAMP = { 'new', 'old', 'urgentNew', 'urgentOld', 'revision', 'asOf' }
local ENTRIES_GENERATION = '#'

-- A number as Redis is to keep it: Lua would write a large one with an exponent.
local function digits(number)
  return string.format('%.0f', number)
end

-- What is known of the mailbox. Where one of its two records is missing, the other has the last good counts.
local function load()
  local state = redis.call('HMGET', KEYS[2], 'generation', 'history', 'lost', 'published', 'settingsRevision', 'settings', unpack(LAMP))
  local shownRevision = redis.call('HGET', KEYS[1], 'revision')
  local lamp = {
    isHeardOf = state[1] ~= false,
    generation = state[1] or '',
    history = history(),
    isLost = state[3] == '1',
    published = tonumber(state[4] or '0'),
    settingsRevision = tonumber(state[5] or '0'),
    settings = state[6] or '',
    isIntact = shownRevision == state[11],
  }
  local shown = not state[11] and redis.call('HMGET', KEYS[1], unpack(LAMP))
  for at, field in ipairs(LAMP) do
    lamp[field] = tonumber(shown and shown[at] or state[6 + at] or '0')
  end
  if state[2] ~= lamp.history then lamp.isIntact = false end
  local wasKnown = string.sub(lamp.generation, 1, 6) == 'known:'
  local hasEntries = wasKnown and redis.call('HGET', KEYS[3], ENTRIES_GENERATION) == lamp.generation
  lamp.isKnown = lamp.isIntact and hasEntries
  -- What was published may then be newer than what is here, or be of what is here no more.
  if lamp.revision > 0 and (not lamp.isIntact or wasKnown and not hasEntries) then lamp.isLost = true end
  return lamp
end

-- The lamp as it is told to a caller.
local function told(lamp)
  return {
    lamp.new, lamp.old, lamp.urgentNew, lamp.urgentOld, lamp.revision, lamp.asOf,
    lamp.published, lamp.settingsRevision, lamp.settings, lamp.isKnown and 0 or 1,
  }
end

-- What both records say of the counts, and the settings.
local function save(lamp)
  local fields = {}
  for _, field in ipairs(LAMP) do
    fields[#fields + 1] = field
    fields[#fields + 1] = digits(lamp[field])
  end
  redis.call('HSET', KEYS[1], unpack(fields))
  redis.call('HSET', KEYS[2], 'settingsRevision', digits(lamp.settingsRevision), 'settings', lamp.settings, unpack(fields))
end

-- The same as `changeLamp` of lamp.ts. `mustMove`: the revision moves whatever the counts are.
local function change(lamp, counts, settingsRevision, settings, now, mustMove)
  local moved = mustMove or lamp.revision == 0
  for _, field in ipairs({ 'new', 'old', 'urgentNew', 'urgentOld' }) do
    if lamp[field] ~= counts[field] then moved = true end
  end
  local isNewer = settingsRevision > lamp.settingsRevision
  if isNewer then
    if lamp.settings ~= settings then moved = true end
    lamp.settingsRevision, lamp.settings = settingsRevision, settings
  end
  if moved then
    for field, count in pairs(counts) do lamp[field] = count end
    lamp.revision = math.max(lamp.revision + 1, lamp.published + 1, now)
    lamp.asOf = now
  end
  if moved or isNewer then save(lamp) end
end

local function parse(text)
  local revision, state, urgent = string.match(text, '^(%d+) (%a+) ([01])')
  return { revision = tonumber(revision), state = state, isUrgent = urgent == '1' }
end

local function add(counts, entry, by)
  if entry.state == 'gone' then return end
  counts[entry.state] = counts[entry.state] + by
  if not entry.isUrgent then return end
  local urgent = entry.state == 'new' and 'urgentNew' or 'urgentOld'
  counts[urgent] = counts[urgent] + by
end

local function isCountedAlike(before, after)
  local was = before and before.state or 'gone'
  return was == after.state and (was == 'gone' or before.isUrgent == after.isUrgent)
end

-- Puts an entry in the place of an older one, and the counts follow. Returns 1 if the message was counted otherwise before, else 0.
local function put(counts, messageId, text, now)
  local found = redis.call('HGET', KEYS[3], messageId)
  local before, after = found and parse(found), parse(text)
  if before and after.revision <= before.revision then return 0 end
  redis.call('HSET', KEYS[3], messageId, after.state == 'gone' and text .. ' ' .. digits(now) or text)
  if before then add(counts, before, -1) end
  add(counts, after, 1)
  return isCountedAlike(before, after) and 0 or 1
end

