"""What came of a run: held to what is expected, and told in docs/security.md."""

import base64
import fnmatch
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "docs/security.md"
sys.path.insert(0, str(HERE / "attempts"))
import runner  # noqa: E402
from kit import ASKED, ATTEMPTS, SANDBOXES as PLACES, SECRET, VICTIM, signal_of  # noqa: E402

from expected import EXPECTED_OPEN, MACHINE  # noqa: E402

LEAST_ATTEMPTS, LEAST_MECHANISMS, VARIANTS = 200, 40, 8
# What a success tells beside the secrets that were planted.
TELLTALE = {"learns_where_the_data_is": "root", "asks_the_database": "root", "speaks_with_anothers_gateway": "HTTP/1.", "reads_ports_of_the_service": "HTTP/1."}
BEGIN, END = "<!-- written by tests/escape/run.py --write -->\n", "<!-- end -->\n"
# name in the table → (area, mechanism) of attempts that are tasks of their own
APART = {**{name: ("resources", "takes more memory than its share") for name in ("anonymous", "unnamed_file", "forks")},
         **{name: ("resources", "takes more of the disk than 4 GB") for name in ("tree", "home", "unlinked")},
         "nested": ("resources", "leaves folders too deep to clear")}


def repository_row(name):
    kind = name.split("-")[0]
    return "git", {"hooks": "has the service run a hook", "programs": "has the service run a program that the repository configures",
                   "link": "has a link pushed that leaves the tree", "protected": "has a protected path pushed under another spelling"}[kind]


def worked(world, where, attempt):
    """Whether it got what it wanted there; None: not tried."""
    got, left = world["found"].get(where, {}).get(attempt.name), world["left"].get(where)
    if got is None:
        return None
    if attempt.judged == ASKED:
        return got["did"]
    if attempt.judged == SECRET:
        tell = TELLTALE.get(attempt.mechanism)
        secrets = [*world["secrets"].values(), *([world["root"] if tell == "root" else tell] if tell else [])]
        return any(secret.encode() in base64.b64decode(got["got"]) for secret in secrets)
    if attempt.judged == VICTIM:
        return attempt.variant in left["damaged"]
    if attempt.mechanism == "signals_another":
        return signal_of(where, attempt.variant) in left["signals"]
    return runner.mark_of(where, attempt.name) in left["marks"]


class Row:
    """One attempt: where it was tried, and with what result, by identity of the service."""

    def __init__(self, area, mechanism, variant):
        self.area, self.mechanism, self.variant, self.bare, self.won, self.why = area, mechanism, variant, None, {}, {}

    @property
    def name(self):
        return f"{self.area}/{self.mechanism.replace(' ', '_')}/{self.variant}"


def rows(worlds):
    found = {}
    for identity, world in worlds.items():
        for attempt in ATTEMPTS.values():
            row = found.setdefault(attempt.name, Row(attempt.area, attempt.mechanism.replace("_", " "), attempt.variant))
            for where in PLACES:
                if (won := worked(world, where, attempt)) is not None:
                    row.won[identity, where] = won
                    row.why[identity, where] = world["found"][where][attempt.name]["why"]
            if (bare := worked(world, "bare", attempt)) is not None:
                row.bare = bare
                row.why["bare"] = world["found"]["bare"][attempt.name]["why"]
        others = {**{name: (*APART[name], told) for name, told in world["apart"].items()},
                  **{name: (*repository_row(name), told) for name, told in world["repositories"].items()}}
        for name, (area, mechanism, told) in others.items():
            row = found.setdefault(name, Row(area, mechanism, name.split("-", 1)[-1]))
            for where in PLACES:
                if where in told:
                    row.won[identity, where], row.why[identity, where] = told[where], told["line"]
            if "bare" in told:
                row.bare = told["bare"]
    return list(found.values())


def expected(name, identity, where):
    """The reason by which it is known to be open; None: it has to be blocked."""
    return next((reason for reason, patterns, places, identities in EXPECTED_OPEN
                 if identity in identities and where in places and any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)), None)


def depends_on_the_machine(row):
    return any(fnmatch.fnmatchcase(row.name, pattern) for pattern in MACHINE)


def complaints(all_rows):
    """What is not as expected, a line each."""
    for row in all_rows:
        if not row.bare and not depends_on_the_machine(row):
            yield f"{row.name} is no test: it did not work without a sandbox ({row.why.get('bare', '')})"
        for (identity, where), won in row.won.items():
            known = expected(row.name, identity, where)
            if won and not known:
                yield f"{row.name} WORKED in the sandbox of {where}, the service being {identity}"
            if known and not won:
                yield f"{row.name} is blocked in {where} ({identity}): take its mark out of tests/escape/expected.py ({known})"
    tried = [row for row in all_rows if row.bare]
    counts = {}
    for row in tried:
        counts[row.mechanism] = counts.get(row.mechanism, 0) + 1
    if sum(min(VARIANTS, count) for count in counts.values()) < LEAST_ATTEMPTS or len(counts) < LEAST_MECHANISMS:
        yield f"only {len(tried)} attempts by {len(counts)} mechanisms could be tried"


OWNERS = {"services": "service's", "hosts": "host's", "others": "others'", "anothers": "another's", "processors": "processor's", "clocks": "clock's"}


def in_words(mechanism):
    """The name of its function, with the apostrophes that it cannot have."""
    words = mechanism.split()
    return " ".join(OWNERS.get(word, word) if number + 1 < len(words) and words[number + 1] not in ("left", "in") else word
                    for number, word in enumerate(words))


def cell(group, where):
    """Blocked, or how many are open, of all that were tried there, whoever the service is."""
    results = [row for row in group if any(place == where for _, place in row.won)]
    if not results:
        return "–"
    won = [row for row in results if any(got for (_, place), got in row.won.items() if place == where)]
    return f"**open: {len(won)}**" if won else "blocked"


def groups(all_rows):
    found = {}
    for row in all_rows:
        found.setdefault((row.area, row.mechanism), []).append(row)
    return found


def table(all_rows):
    lines = ["| area | what is tried | ways | without | coder | setup | checks |", "|---|---|---|---|---|---|---|"]
    areas = ("files", "git", "network", "processes", "kernel", "secrets", "resources")
    for (area, mechanism), group in sorted(groups(all_rows).items(), key=lambda each: areas.index(each[0][0])):
        lines.append(f"| {area} | {in_words(mechanism)} | {len(group)} | works | " + " | ".join(cell(group, where) for where in PLACES) + " |")
    return lines


def summary(all_rows):
    still = sorted({row.name for row in all_rows if any(row.won.values())})
    lines = {}
    for row in all_rows:
        for (identity, where), won in row.won.items():
            if won and (line := expected(row.name, identity, where)):
                lines.setdefault(line, set()).add(row.name)
    told = [f"{len(all_rows)} attempts by {len(groups(all_rows))} mechanisms; open: {len(still)}."]
    return told + ["", *(f"- {line}: {len(names)} open." for line, names in sorted(lines.items()))] if lines else told


def written(text, all_rows):
    before, rest = text.split(BEGIN)
    return before + BEGIN + "\n" + "\n".join([*summary(all_rows), "", *table(all_rows)]) + "\n\n" + END + rest.split(END)[1]


def differences(text, all_rows):
    """Lines of the table that are not those of this run. What this machine could not try says nothing."""
    incomplete = {f"| {row.area} | {in_words(row.mechanism)} |" for row in all_rows if not row.bare}
    now = [line for line in table(all_rows) if not any(line.startswith(each) for each in incomplete)]
    told = text.split(BEGIN)[1].split(END)[0].splitlines()
    if [line for line in now if line not in told]:
        yield "docs/security.md differs; run.py --write puts it right:"
        yield from (f"  {line}" for line in now if line not in told)


def main(worlds, flags):
    all_rows = rows(worlds)
    if "--show" in flags:
        for row in all_rows:
            print(row.name, "works" if row.bare else "DOES NOT WORK", {f"{identity} {where}": row.why[identity, where] if not won else "OPEN"
                                                                       for (identity, where), won in row.won.items()})
    wrong = list(complaints(all_rows))
    if "--write" in flags:
        DOCUMENT.write_text(written(DOCUMENT.read_text(), all_rows))
    elif len(worlds) > 1:
        wrong += differences(DOCUMENT.read_text(), all_rows)
    print("\n".join([*wrong, *summary(all_rows)]))
    away = [row.name for row in all_rows if not row.bare]
    print(f"not to be tried on this machine: {len(away)} {' '.join(away)}" if away else "", end="\n" * bool(away))
    print("; ".join(f"{identity}: " + ", ".join(f"{name} {seconds} s" for name, seconds in world["seconds"].items()) for identity, world in worlds.items()))
    return 1 if wrong else 0

