"""What is asked for: instructions of each kind, what the model answers to them, and what must come of each whatever is killed."""

from dataclasses import dataclass

import edits

FILE, BASE = "calc.py", "    return a - b\n"
# So long that a kill may fall into it; and red after it ran in the same tree.
CHECK = "sleep 0.{tenths}; test ! -e .persais.toml || {{ test -s made/file && test ! -e made/used && touch made/used; }} && python3 check.py"
ROUNDS = 1  # REPAIR_ROUNDS
BY_CHAT = 0.6


@dataclass(frozen=True)
class Kind:
    verdict: str       # of a task that came to its end
    pushed: bool
    lines: tuple       # what each round's answer makes of BASE: "{}" is the task's own mark
    checked: bool = True


KINDS = {
    "green": Kind("ready", True, ("    return a + b  # {}\n",)),
    "repaired": Kind("ready", True, ("    return a * b  # {}\n", "    return a + b  # {} mended\n")),
    "red": Kind("tests_red", True, ("    return a * b  # {}\n", "    return a ** b  # {}\n")),
    "nothing": Kind("no_change", False, ()),
    "unchecked": Kind("ready_unchecked", True, ("    return b - a  # {}\n",), checked=False),
}
SHARES = ("green",) * 4 + ("repaired",) * 3 + ("red", "red", "nothing", "unchecked", "unchecked")


@dataclass(frozen=True)
class Order:
    mark: str          # stands in the instruction, in the model's answers and so in the tree that must come of it
    kind: str
    remote: int        # its number
    pace_ms: int       # between two pieces of the model's answer
    check_tenths: int
    by_chat: bool      # said by a person in Telegram; else `persais run --detach`

    @property
    def what(self):
        return KINDS[self.kind]

    @property
    def instruction(self):
        return f"Mend the sum in calc.py, in the way that is called {self.mark}."

    @property
    def check(self):
        return CHECK.format(tenths=self.check_tenths) if self.what.checked else None

    def content(self, after_rounds=None):
        """Of FILE, when all answers were taken."""
        lines = self.what.lines[:after_rounds]
        return "def add(a, b):\n" + lines[-1].format(self.mark)

    def rule(self):
        """Of the model's script: answers by what the last message asks, as often as they are asked for."""
        steps, before = [], BASE
        for number, line in enumerate(self.what.lines):
            after = line.format(self.mark)
            step = {"reply": edits.block(FILE, before, after), "times": 0, "name": f"{self.mark}.{number}", "chunk_chars": 24,
                    "chunk_delay_ms": self.pace_ms}
            steps.insert(0, {**step, **({"match": "checks are red"} if number else {})})
            before = after
        nothing = {"reply": "There is nothing to change.", "name": f"{self.mark}.nothing"}
        return {"prompt": f"called {self.mark}\\.", "steps": steps, "default": nothing}


def orders(random, count, remotes, prefix="", by_chat=BY_CHAT):
    """As many, by this random.Random alone."""
    return [order(random, f"{prefix}{number:04d}", remotes, by_chat) for number in range(count)]


def order(random, mark, remotes, share):
    kind, by_chat = random.choice(SHARES), random.random() < share
    # A repository has one check for all that is asked for in it, which a terminal may name another one for; the last one has none.
    remote = random.randrange(remotes - 1 if by_chat else remotes) if KINDS[kind].checked else remotes - 1
    return Order(mark, kind, remote, random.choice((0, 5, 10, 20)), random.randint(0, 5), by_chat)
