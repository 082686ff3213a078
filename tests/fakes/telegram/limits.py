"""How often a bot may send. The real limits are told in words only; these stand for them.

A private chat: one message a second, a short burst is let through. A group: 20 in any minute. All together: 30 in any second.
Edits count as sends. Who is over it is answered 429 until the time is up; whoever asks again before that is noted as impatient.
"""

import collections
import math

from .errors import too_many

COUNTED = ("send", "forward", "copy", "edit")
NOT_COUNTED = ("sendChatAction", "editForumTopic")


class Violation:
    """kind: chat, group, overall (too fast) or impatient (before a retry_after was over)."""

    def __init__(self, kind, chat_id, at, method):
        self.kind, self.chat_id, self.at, self.method = kind, chat_id, at, method

    def __repr__(self):
        return f"<{self.kind} limit, chat {self.chat_id}, {self.method}>"


class Limits:
    """chat_burst: how many may follow each other in a private chat before one a second is asked for. slack: seconds by which a
    message may come early, for the jitter of clocks and loads. enforce: answer 429; without it violations are only noted."""

    def __init__(self, clock, enforce=True, chat_burst=3, chat_seconds=1.0, group_most=20, overall_most=30, slack=0.1):
        self.clock, self.enforce, self.chat_burst, self.chat_seconds = clock, enforce, chat_burst, chat_seconds
        self.group_most, self.overall_most, self.slack = group_most, overall_most, slack
        self.violations, self._due, self._held = [], {}, {}
        self._group, self._all = collections.defaultdict(collections.deque), collections.deque()

    @staticmethod
    def counted(method):
        return method.startswith(COUNTED) and method not in NOT_COUNTED

    def hold(self, chat_id, seconds):
        """After a 429: no call for this chat (None: none at all) before the time is up."""
        self._held[chat_id] = max(self._held.get(chat_id, 0), self.clock() + seconds)

    def check(self, method, chat, weight=1):
        """Raises a 429, or counts the call. chat: None for calls that are about none."""
        now = self.clock()
        if not self.counted(method) or chat is None:
            return
        held = max(self._held.get(chat.id, 0), self._held.get(None, 0))
        if now < held - self.slack:
            self._over("impatient", chat.id, method, held - now, hold=False)
        for _ in range(weight):
            self._chat(method, chat, now)
        self._window(self._all, self.overall_most, 1.0, "overall", chat.id, method, now)

    def _chat(self, method, chat, now):
        if chat.is_group:
            return self._window(self._group[chat.id], self.group_most, 60.0, "group", chat.id, method, now)
        due = max(self._due.get(chat.id, now), now)  # when a steady sender could have sent this one
        early = due - now - (self.chat_burst - 1) * self.chat_seconds
        if early > self.slack:
            self._over("chat", chat.id, method, early)
        self._due[chat.id] = due + self.chat_seconds

    def _window(self, times, most, seconds, kind, chat_id, method, now):
        while times and times[0] <= now - seconds + self.slack:
            times.popleft()
        if len(times) >= most:
            self._over(kind, chat_id, method, times[0] + seconds - now)
        times.append(now)

    def _over(self, kind, chat_id, method, seconds, hold=True):
        self.violations.append(Violation(kind, chat_id, self.clock(), method))
        if self.enforce:
            if hold:
                self.hold(None if kind == "overall" else chat_id, math.ceil(seconds))
            raise too_many(max(1, math.ceil(seconds)))
