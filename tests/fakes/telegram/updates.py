"""The updates that wait for the bot, and getUpdates."""

import itertools
import json
import time

from . import tables
from .errors import conflict

MAX_ANSWER_BYTES, MAX_TIMEOUT = 1 << 22, 50
DEFAULT = [kind for kind in tables.UPDATES if kind not in tables.NOT_BY_DEFAULT]


class Update:
    """`queue`: updates of one queue are delivered to a webhook one after the other."""

    def __init__(self, number, kind, body, queue, expires_at):
        self.id, self.kind, self.body, self.queue, self.expires_at = number, kind, body, queue, expires_at
        self.delay, self.failures, self.wake_at = 1, 0, 0.0  # of the webhook's delivery

    def json(self):
        return {"update_id": self.id, self.kind: self.body}


class Updates:
    """`pending` in order of their ids, `all` that ever were, `dropped` those that grew too old. Guarded by the world's lock."""

    def __init__(self, world, first_id):
        self.world, self.next_id, self.pending, self.all, self.dropped = world, first_id, {}, {}, []
        self.allowed, self.polls, self.conflict_delay = list(DEFAULT), 0, 3.0
        self._waiting, self._next_conflict, self._last = None, 0.0, (None, 0.0)
        self._soonest = 0.0  # nothing grows too old before this: spares a look at ten thousand that wait

    def add(self, kind, body, queue, keep_seconds):
        with self.world.changed:
            if kind not in self.allowed:
                return None
            update = Update(self.next_id, kind, body, queue, self.world.now() + keep_seconds)
            self.next_id += 1
            self.pending[update.id] = self.all[update.id] = update
            self._soonest = min(self._soonest, update.expires_at)
            self.world.changed.notify_all()
            return update

    def again(self, number):
        """Puts an update back that was acknowledged: what happens when the acknowledgement is lost on its way."""
        with self.world.changed:
            self.pending[number] = self.all[number]
            self.pending, self._soonest = dict(sorted(self.pending.items())), 0.0
            self.world.changed.notify_all()

    def allow(self, kinds):
        """An unknown kind is passed over, an empty list means the default, as on the real server."""
        self.allowed = [kind for kind in tables.UPDATES if kind in kinds] or list(DEFAULT)

    def expire(self):
        now = self.world.now()
        if now <= self._soonest:
            return
        for update in [update for update in self.pending.values() if update.expires_at < now]:
            self.dropped.append(self.pending.pop(update.id))
        self._soonest = min((update.expires_at for update in self.pending.values()), default=now)

    def clear(self):
        self.dropped += self.pending.values()
        self.pending.clear()

    def forget_before(self, offset):
        for number in list(itertools.takewhile(lambda number: number < offset, self.pending)):
            del self.pending[number]
        self.world.changed.notify_all()

    def _from(self, offset, limit):
        self.expire()
        if offset < 0:
            self.forget_before(sorted(self.pending)[offset:][0] if self.pending else 0)
        else:
            self.forget_before(offset)
        found, size = [], MAX_ANSWER_BYTES
        for update in itertools.islice(self.pending.values(), limit):
            size -= 50 + len(json.dumps(update.body))
            if size <= 0:
                break
            found.append(update.json())
        return found

    def end_poll(self, error):
        """Ends the getUpdates that waits, if one does, with an error."""
        if self._waiting is not None:
            self._waiting.append(error)
            self.world.changed.notify_all()

    def poll(self, offset=0, limit=100, timeout=0, allowed_updates=None, gone=lambda: False):
        """getUpdates. gone(): whether the client has gone, looked at while it waits."""
        with self.world.changed:
            self.polls += 1
            if allowed_updates is not None:
                self.allow(allowed_updates)
            limit, timeout = min(max(limit, 1), 100), min(max(timeout, 0), MAX_TIMEOUT)
            began = time.monotonic()
            if offset == self._last[0] and began < self._last[1] + 3:
                timeout = max(timeout, 3)  # a bot that asks the same again at once is slowed down
                limit = 1 if began < self._last[1] + 0.5 else limit
            self._last = (offset, began)
            found = self._from(offset, limit)
            if found or not timeout:
                return found
            self.end_poll(conflict("terminated by other getUpdates request; make sure that only one bot instance is running"))
            mine = self._waiting = []
            while not mine and not found and not gone() and (left := began + timeout - time.monotonic()) > 0:
                self.world.changed.wait(min(left, 0.2))
                found = self._from(offset, limit) if not mine else []
            if self._waiting is mine:
                self._waiting = None
        if mine:
            raise self.late(mine[0])
        return found

    def late(self, error):
        """Of conflicts that follow each other within three seconds all but the first are told three seconds late."""
        with self.world.changed:
            wait = self.conflict_delay if time.monotonic() < self._next_conflict else 0
            if not wait:
                self._next_conflict = time.monotonic() + self.conflict_delay
        time.sleep(wait)
        return error
