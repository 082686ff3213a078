"""The provider's own books against ours: what the scripted models charged in a test, and what `llm_calls` says of its calls."""

from collections import defaultdict, namedtuple

CENT = 1e-8  # dollars: two ways of adding the same numbers
CALLS = """select id, task, coalesce(generation, ''), state, coalesce(settled_by, ''), counted_usd, reserved_usd, day, coalesce(repository, ''),
    coalesce(person, '') from llm_calls where id > {after} order by id"""
GUESSED = ("prices", "tokens", "reservation")

Call = namedtuple("Call", "id task generation state settled_by counted reserved day repository person", defaults=("", "", ""))


def _no(table, database):
    """Before the first start that makes it."""
    return database.sql(f"select to_regclass('{table}') is null") == "t"


def newest(database):
    """The number of the newest call; 0 when there is none."""
    return 0 if _no("llm_calls", database) else int(database.sql("select coalesce(max(id), 0) from llm_calls"))


def calls_since(database, after):
    if _no("llm_calls", database):
        return []
    rows = [line.split("|") for line in database.sql(CALLS.format(after=after)).splitlines()]
    return [Call(int(number), task, generation, state, by, float(counted), float(reserved), *whose)
            for number, task, generation, state, by, counted, reserved, *whose in rows]


def budgets(database):
    """Dollars, by task. doctor's question belongs to none."""
    if _no("tasks", database):
        return {}
    rows = database.sql("select id, budget_usd from tasks").splitlines()
    return {task: float(usd) for task, usd in (row.split("|") for row in rows)}


def owners(database):
    """Budgets of repositories and people: (kind, name, length of a day's name that is one period, dollars)."""
    if _no("budgets", database):
        return []
    rows = database.sql("select kind, name, 10, day_usd from budgets where day_usd is not null union all "
                        "select kind, name, 7, month_usd from budgets where month_usd is not null").splitlines()
    return [(kind, name, int(length), float(usd)) for kind, name, length, usd in (row.split("|") for row in rows)]


def is_estimated(call):
    return call.state == "reserved" or call.settled_by in GUESSED


def problems(charges, calls, budget, of_owners=()):
    """Sentences about what does not agree. `charges`: dollars by generation; `calls`: ours; `budget`: dollars by task; `of_owners`: as
    owners() gives them, ("all", "", length, dollars) for everybody's."""
    named = {call.generation for call in calls}
    for call in calls:
        if call.generation in charges:
            yield from _of_one(call, charges[call.generation])
    # A call may be over before its name was written down: the rest is compared as a whole.
    rest = [call for call in calls if call.generation not in charges]
    yield from _of_all(rest, sum(usd for name, usd in charges.items() if name not in named))
    yield from _above_the_cap(charges, calls, budget)
    yield from _above_the_caps_of_owners(charges, calls, of_owners)


def _of_one(call, charged):
    what = f"call {call.id}, {call.generation}: ours {call.counted:.9f} by {call.settled_by or 'nobody yet'}, the provider's {charged:.9f}"
    if call.settled_by == "tokens":
        return  # nobody knows a price
    if call.counted < charged - CENT:
        yield what + ": less"
    elif not is_estimated(call) and call.counted > charged + CENT:
        yield what + ": more, and not marked as estimated"


def _of_all(calls, charged):
    ours = sum(call.counted for call in calls)
    what = f"calls {[call.id for call in calls]}: ours {ours:.9f}, the provider's {charged:.9f}"
    if any(call.settled_by == "tokens" for call in calls):
        return
    if ours < charged - CENT:
        yield what + ": less"
    elif not any(map(is_estimated, calls)) and ours > charged + CENT:
        yield what + ": more, and not marked as estimated"


def _above_the_cap(charges, calls, budget):
    """A call may come dearer than all that was known of it; then it ends the task, and what was under way is paid too."""
    of_task, dearer = defaultdict(float), defaultdict(float)
    for call in calls:
        charged = charges.get(call.generation, call.counted)
        of_task[call.task] += charged
        dearer[call.task] += max(0.0, call.counted - call.reserved) if call.settled_by in ("cost", "generation") else 0.0
    for task, usd in of_task.items():
        if task in budget and usd > budget[task] + dearer[task] + CENT:
            yield f"task {task}: the provider took {usd:.9f}, its budget is {budget[task]:.9f}"


def _above_the_caps_of_owners(charges, calls, of_owners):
    """As of a task: only what came dearer than it was reserved for may be above."""
    for kind, name, length, cap in of_owners:
        took, dearer = defaultdict(float), defaultdict(float)
        for call in calls:
            if kind != "all" and getattr(call, kind) != name:
                continue
            period = call.day[:length]
            took[period] += charges.get(call.generation, call.counted)
            dearer[period] += max(0.0, call.counted - call.reserved) if call.settled_by in ("cost", "generation") else 0.0
        for period, usd in took.items():
            if usd > cap + dearer[period] + CENT:
                yield f"{kind} {name}, {period}: the provider took {usd:.9f}, the budget is {cap:.9f}"


def problems_of_results(charges, results):
    """Without a database to ask: what the last lines of the runs say, to a millionth for each."""
    ours, charged = sum(line["cost_usd"] for line in results), sum(charges.values())
    room = 1e-6 * (len(results) + 1)
    estimated = any(line["cost_estimated"] for line in results)
    if ours < charged - room or (not estimated and ours > charged + room):
        yield f"the results say {ours:.6f}{' (estimated)' * estimated}, the provider took {charged:.6f}"
