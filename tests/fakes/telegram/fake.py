"""The server as tests hold it: people and chats to act with, calls to look at, faults to make."""

from . import body, check, limits
from . import calls_chats, calls_delivery, calls_editing, calls_sending, calls_settings  # noqa: F401
from .calls import METHODS, Context
from .errors import ApiError
from .faults import Faults
from .server import Server
from .updates import Updates
from .webhook import Webhook
from .world import World

BOT_ID, TOKEN = 4242, "4242:" + "a-token-of-the-fake"


class Call:
    """What the bot asked and what it got. outcome: answered, lost request, lost answer, client gone; `via`: http or webhook.
    `complaints`: what the real server would have taken without a word, and what is wrong nevertheless."""

    def __init__(self, number, method, at, via):
        self.n, self.method, self.at, self.via = number, method, at, via
        self.args, self.files, self.complaints, self.fault, self.said = {}, {}, [], None, None
        self.status, self.description, self.result, self.outcome, self.done = None, None, None, "under way", False

    def __repr__(self):
        return f"<{self.n} {self.method} {self.args} → {self.status} {self.description or ''} {self.outcome}>"


class Telegram:
    """start() listens and gives the API's root. pace: the webhook's delays are multiplied by it. Limits: limits.Limits' options.
    callback_seconds: how long a press may be answered. The bot's updates begin at first_update."""

    def __init__(self, token=TOKEN, username="mechanic_bot", port=0, pace=1.0, callback_seconds=15, first_update=870_000_001, **limit):
        self.token, self.port, self.callback_seconds = token, port, callback_seconds
        self.world = World(int(token.split(":")[0]), username)
        self.changed = self.world.changed
        self.updates = self.world.updates = Updates(self.world, first_update)
        self.webhook, self.faults = Webhook(self, pace), Faults(self.changed)
        self.limits = limits.Limits(self.world.now, **limit)
        self.calls, self.server, self.root = [], None, None
        self.person, self.group, self.wait, self.advance = self.world.person, self.world.group, self.world.wait, self.world.advance

    def start(self):
        self.server = Server(self, self.port)
        self.port = self.server.port
        self.root = f"http://127.0.0.1:{self.port}"
        self.server.up()
        return self.root

    def stop(self):
        self.webhook.stop()
        self.faults.clear()
        self.server.close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def down(self):
        """Connections are cut, new ones refused, until up()."""
        self.server.down()

    def up(self):
        self.server.up()

    @property
    def complaints(self):
        return [f"{call.method}: {complaint}" for call in self.calls for complaint in call.complaints]

    violations = property(lambda self: self.limits.violations)

    def calls_of(self, *methods, status=None):
        """The calls of these methods that have ended, in the order in which they came."""
        return [call for call in self.calls if call.method in methods and call.done and status in (None, call.status)]

    def wait_for_calls(self, method, count=1, seconds=20):
        self.wait(lambda: len(self.calls_of(method)) >= count, seconds, lambda: f"{count} × {method}; there were {self.calls[-20:]}")
        return self.calls_of(method)

    def begin(self, name, via="http"):
        """A Call of a method by any spelling. Raises ApiError."""
        method = check.BY_LOWER.get(name.lower())
        if not method:
            raise ApiError(404, "Not Found: method not found")
        with self.changed:
            call = Call(len(self.calls) + 1, method, self.world.now(), via)
            self.calls.append(call)
            return call

    def read(self, call, query, kind, raw):
        """Fills in the parameters. Raises ApiError."""
        given, call.files = body.parameters(query, kind, raw)
        call.args = given  # as they came, should they be refused
        call.args, complaints = check.arguments(call.method, given, call.files)
        call.complaints += complaints

    def carry_out(self, call, gone=lambda: False):
        """The result of a call that was read. Raises ApiError."""
        context = Context(self, call.args, call.files, call.complaints)
        if call.method == "getUpdates" and not self.webhook.url:
            names = ("offset", "limit", "timeout", "allowed_updates")
            return self.updates.poll(**{name: call.args[name] for name in names if name in call.args}, gone=gone)
        with self.changed:
            chat = self.world.chats.get(call.args.get("chat_id"))
            self.limits.check(call.method, chat, len(call.args.get("media", ())) or 1)
            result = METHODS[call.method](context)
            call.said = getattr(context, "said", None)
            return result

    def end(self, call, status, outcome, result=None, description=None):
        with self.changed:
            call.status, call.outcome, call.result, call.description, call.done = status, outcome, result, description, True
            self.changed.notify_all()

    def call_inside(self, kind, raw, never):
        """A call in the answer to a webhook delivery."""
        try:
            name = body.parameters("", kind, raw)[0].get("method", "")
            if not name or name.lower() in never or name.lower().startswith("get"):
                return
            call = self.begin(name, "webhook")
        except ApiError:
            return
        try:
            self.read(call, "", kind, raw)
            self.end(call, 200, "answered", self.carry_out(call))
        except ApiError as error:
            self.end(call, error.code, "answered", description=error.description)

    def file(self, path):
        """What lies at a file_path of getFile; None without."""
        found = self.world.files.get(path.rpartition("/")[2])
        return found.data if found else None


assert set(METHODS) == set(check.METHODS), set(METHODS) ^ set(check.METHODS)
