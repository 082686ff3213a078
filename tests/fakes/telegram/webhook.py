"""Delivery by webhook, on the real server's terms.

Updates of one queue (a chat's messages; one person's presses) go one after the other, queues beside each other over at most
max_connections connections that stay open. Of what waits only the first 2 × max_connections updates are looked at, so that chats
whose updates are refused hold the others back at last. An update whose answer was no 2xx is tried again at once, then after 2, 4,
8 … seconds up to 60–120, or after the answer's Retry-After, until it is too old. Without a connection nothing counts as a failure;
it is tried again after a second (two when the last success was long ago). `pace` multiplies all these delays.
"""

import http.client
import itertools
import json
import random
import ssl
import threading
import time
import urllib.parse

from .errors import bad, too_many

MAX_DELAY, MAX_RETRY_AFTER, ANSWER_SECONDS = 60, 3600, 60
NEVER_INSIDE = ("setwebhook", "deletewebhook", "close", "logout")


class Attempt:
    """One try to deliver. status is None when there was no answer; `error` is what getWebhookInfo would say."""

    def __init__(self, update, at, began, status, error):
        self.update, self.at, self.began, self.status, self.error = update, at, began, status, error

    def __repr__(self):
        return f"<{self.update.kind} {self.update.id} at {self.at:.2f}: {self.status or self.error}>"


class Webhook:
    def __init__(self, fake, pace=1.0):
        self.fake, self.world, self.pace = fake, fake.world, pace
        self.url, self.secret, self.most, self.address, self.error = "", "", 0, "", None
        # "http://127.0.0.1:3000", or a function that gives it or raises OSError: where what stands before the bot would lead, whatever
        # host the URL names.
        self.proxy = None
        self.attempts, self._busy, self._generation, self._next_set = [], set(), 0, 0.0
        self._not_before, self._last_success = 0.0, -1000.0

    def set(self, url, secret, most, address, drop):
        """False when it is set like that already."""
        found = urllib.parse.urlsplit(url if "://" in url else "https://" + url)
        if time.monotonic() < self._next_set:
            raise too_many(1)
        self._next_set = time.monotonic() + self.pace
        if not found.hostname or any(char.isspace() for char in url):
            raise bad("invalid webhook URL specified")
        if found.hostname not in ("127.0.0.1", "localhost", "::1"):
            if found.scheme != "https":
                raise bad("bad webhook: An HTTPS URL must be provided for webhook")
            if (found.port or 443) not in (80, 88, 443, 8443):
                raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if (self.url, self.secret, self.most, self.address) == (url, secret, most, address) and not drop:
            return False
        if drop:
            self.world.updates.clear()
        self.url, self.secret, self.most, self.address, self.error = url, secret, most, address, None
        self._generation += 1
        self._busy, self._not_before = set(), 0.0
        for update in self.world.updates.pending.values():
            update.wake_at, update.failures, update.delay = 0.0, 0, 1
        for _ in range(most):
            threading.Thread(target=self._deliver, args=(self._generation,), daemon=True).start()
        return True

    def delete(self):
        was = bool(self.url)
        self.url, self.secret, self.most, self.address, self.error = "", "", 0, "", None
        self._generation += 1
        self.world.changed.notify_all()
        return was

    def stop(self):
        with self.world.changed:
            self.delete()

    def info(self):
        updates = self.world.updates
        updates.expire()
        found = {"url": self.url, "has_custom_certificate": False, "pending_update_count": len(updates.pending)}
        if self.error:
            found.update(last_error_date=int(self.error[0]), last_error_message=self.error[1])
        if self.url:
            found.update(max_connections=self.most, ip_address=self.address or "127.0.0.1")
        if updates.allowed != updates.__class__(self.world, 1).allowed:
            found["allowed_updates"] = updates.allowed
        return found

    def _next(self):
        """(an update to send, None) or (None, seconds until there may be one)."""
        self.world.updates.expire()
        now, soon, seen = time.monotonic(), 5.0, set(self._busy)
        if now < self._not_before:
            return None, self._not_before - now
        for update in itertools.islice(self.world.updates.pending.values(), 2 * self.most):
            if update.queue not in seen:
                seen.add(update.queue)
                if update.wake_at <= now:
                    return update, None
                soon = min(soon, update.wake_at - now)
        return None, soon

    def _deliver(self, generation):
        connection = None
        while True:
            with self.world.changed:
                update = None
                while generation == self._generation and update is None:
                    update, seconds = self._next()
                    if update is None:
                        self.world.changed.wait(seconds)
                if generation != self._generation:
                    break
                self._busy.add(update.queue)
                url, secret = self.url, self.secret
            connection = self._try(connection, update, url, secret, generation)
        if connection:
            connection.close()

    def _connect(self, url):
        parts = urllib.parse.urlsplit((self.proxy() if callable(self.proxy) else self.proxy) or url)
        if parts.scheme == "https":
            context = ssl._create_unverified_context()  # only loopback is spoken to
            connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=ANSWER_SECONDS, context=context)
        else:
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=ANSWER_SECONDS)
        connection.connect()
        return connection

    def _try(self, connection, update, url, secret, generation):
        began = self.world.now()
        if not connection:
            try:
                connection = self._connect(url)
            except OSError as reason:
                self._no_connection(update, generation, str(reason.strerror or reason))
                return None
        headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate", "Connection": "keep-alive"}
        if secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        parts = urllib.parse.urlsplit(url)
        headers["Host"] = parts.netloc
        path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        try:
            connection.request("POST", path, json.dumps(update.json(), ensure_ascii=False).encode(), headers)
            answer = connection.getresponse()
            raw, status, keep = answer.read(), answer.status, not answer.will_close
            error = None if 200 <= status <= 299 else f"Wrong response from the webhook: {status} {answer.reason}"
            retry_after = int(answer.getheader("Retry-After", "0")) if answer.getheader("Retry-After", "0").isdigit() else 0
            kind = answer.getheader("Content-Type")
        except (OSError, http.client.HTTPException) as reason:
            timed_out = isinstance(reason, TimeoutError)
            status, keep, retry_after, raw, kind = None, False, 0, b"", ""
            error = "Read timeout expired" if timed_out else "Webhook connection closed"
        with self.world.changed:
            self.attempts.append(Attempt(update, self.world.now(), began, status, error))
            if generation == self._generation:
                self._busy.discard(update.queue)
                self._ended(update, error, retry_after)
            self.world.changed.notify_all()
        if not error and raw.strip():
            self._inside(kind, raw)
        if not keep:
            connection.close()
        return connection if keep else None

    def _no_connection(self, update, generation, error):
        with self.world.changed:
            if generation == self._generation:
                self._busy.discard(update.queue)
                now = time.monotonic()
                self.error = (self.world.now(), error)
                self._not_before = now + self.pace * (1 if self._last_success + 10 > now else 2)
            self.world.changed.notify_all()

    def _ended(self, update, error, retry_after):
        now, updates = time.monotonic(), self.world.updates
        if not error:
            updates.pending.pop(update.id, None)
            self._last_success = now
            return
        self.error = (self.world.now(), error)
        delay = min(retry_after, MAX_RETRY_AFTER)
        if not delay and update.failures:
            delay = update.delay = min(random.uniform(MAX_DELAY, 2 * MAX_DELAY), update.delay * 2)
        if self.world.now() + delay > update.expires_at:
            updates.pending.pop(update.id, None)
            updates.dropped.append(update)
            return
        update.failures += 1
        update.wake_at = now + delay * self.pace

    def _inside(self, kind, raw):
        """A call that came as the answer to a delivery. Its result is told to nobody."""
        self.fake.call_inside(kind, raw, NEVER_INSIDE)
