"""Holds a call's parameters against the documentation's tables.

What the real server refuses is refused here in its words. What it takes silently and is nevertheless a mistake (an unknown
parameter, a number where text belongs) becomes a complaint, for tests to assert that there is none. What it silently turns into
something else (text in place of a number becomes 0) is refused: nobody means that.
"""

import json
import re

from . import tables
from .errors import bad

_FIELD = re.compile(r"(\w+):([^!\s]+)(!?)")


def _parse(table):
    return {name: {field: (kind.split("|"), bool(need)) for field, kind, need in _FIELD.findall(row)} for name, row in table.items()}


METHODS, TYPES = _parse(tables.METHODS), _parse(tables.TYPES)
BY_LOWER = {name.lower(): name for name in METHODS}
OLD = {name: kind.split("|") for name, kind in tables.OLD.items()}
PLAIN = {"int", "str", "bool", "float", "file"}
TRUE, FALSE = {"true", "yes", "1"}, {"false", "no", "0", ""}


def arguments(method, given, files):
    """(the parameters as Python values, complaints). Files stay what they are. Raises ApiError."""
    table, found, complaints = METHODS[method], {}, []
    for name, value in given.items():
        if name in table:
            found[name] = _one_of(table[name][0], value, name, complaints)
        elif name in OLD:
            complaints.append(f"{name}: a parameter of an earlier version")
            found[name] = _one_of(OLD[name], value, name, complaints)
        elif name != "method":
            complaints.append(f"{name}: {method} has no such parameter")
    for name in files:
        if "file" in table.get(name, ((),))[0]:
            found.setdefault(name, f"attach://{name}")
    for name, (_, needed) in table.items():
        if needed and name not in found:
            complaints.append(f"{name}: is missing")
    return found, complaints


def _one_of(kinds, value, where, complaints):
    structured = [kind for kind in kinds if kind not in PLAIN]
    if structured and isinstance(value, str) and "str" not in kinds:
        value = _decoded(value, where)
    if len(structured) > 1:
        kinds = [_best(structured, value)]
    elif isinstance(value, (dict, list)) and structured:
        kinds = structured
    elif "int" in kinds and "str" in kinds:
        kinds = ["int"] if isinstance(value, int) or re.fullmatch(r"-?\d+", str(value)) else ["str"]
    else:
        kinds = [kind for kind in kinds if kind in PLAIN] or kinds
    return _value(kinds[0] if kinds != ["file", "str"] else "str", value, where, complaints)


def _decoded(text, where):
    try:
        return json.loads(text)
    except ValueError:
        raise bad(f"can't parse {where.replace('_', ' ')} JSON object") from None


def _best(kinds, value):
    """The kind whose table has most of the object's fields."""
    fields = set(value) if isinstance(value, dict) else set()
    return max(kinds, key=lambda kind: len(fields & set(TYPES.get(kind, ()))))


def _value(kind, value, where, complaints):
    if kind.startswith("["):
        if not isinstance(value, list):
            raise bad(f"expected an Array of {kind.strip('[]')} in {where}")
        return [_one_of(kind[1:-1].split("|"), item, f"{where}[{i}]", complaints) for i, item in enumerate(value)]
    if kind in PLAIN:
        return _plain(kind, value, where, complaints)
    if not isinstance(value, dict):
        raise bad("object expected as reply markup" if where == "reply_markup" else f"object expected as {where.replace('_', ' ')}")
    return _object(kind, value, where, complaints) if kind in TYPES else value


def _object(kind, value, where, complaints):
    found = {}
    for name, item in value.items():
        if name in TYPES[kind]:
            found[name] = _one_of(TYPES[kind][name][0], item, f"{where}.{name}", complaints)
        else:
            complaints.append(f"{where}.{name}: {kind} has no such field")
    for name, (_, needed) in TYPES[kind].items():
        if needed and name not in found and value:
            raise bad(f"can't find field \"{name}\" in {where}")
    return found


def _plain(kind, value, where, complaints):
    if kind == "int":
        if isinstance(value, bool) or not re.fullmatch(r"-?\d+", str(value)):
            raise bad(f"parameter \"{where}\" must be an Integer")
        return int(value)
    if kind == "bool":
        text = str(value).lower()
        if isinstance(value, (int, float)) and not isinstance(value, bool) or text not in TRUE | FALSE:
            complaints.append(f"{where}: {value!r} is no Boolean")
        return text in TRUE
    if kind == "str" and not isinstance(value, str):
        if isinstance(value, (dict, list)) or value is None:
            raise bad(f"parameter \"{where}\" must be a String")
        complaints.append(f"{where}: {value!r} is no String")
        return json.dumps(value)
    return value
