"""Holds what `--json` prints to docs/json.schema.json: that part of JSON Schema which the file uses, and no word of it is passed over.
A field that the file does not describe is a fault of ours, though a reader has to expect it."""

import json
import re
from pathlib import Path

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs/json.schema.json").read_text())
TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list, "null": type(None)}
WORDS = {"$ref", "type", "const", "enum", "pattern", "minimum", "required", "properties", "items", "anyOf", "description"}


def _is(value, name):
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _own(value, schema, where):
    """What the schema's own words say, those of its parts aside."""
    if unknown := set(schema) - WORDS:
        raise AssertionError(f"the schema has words that nothing looks at: {unknown}")
    types = schema.get("type", list(TYPES))
    if not any(_is(value, name) for name in ([types] if isinstance(types, str) else types)):
        yield f"{where}: {value!r} is no {types}"
        return
    if "const" in schema and value != schema["const"] or "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is not {schema.get('const') or schema['enum']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{where}: {value!r} is not {schema['pattern']}"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{where}: {value!r} is less than {schema['minimum']}"


def faults(value, schema, where="line"):
    """Sentences about what does not hold; none when the value is as the schema says."""
    if "$ref" in schema:
        yield from faults(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], where)
        schema = {name: rule for name, rule in schema.items() if name != "$ref"}
    yield from _own(value, schema, where)
    if "anyOf" in schema:
        each = [list(faults(value, one, where)) for one in schema["anyOf"]]
        if all(each):
            yield from min(each, key=len)
    if isinstance(value, dict) and "properties" in schema:
        if missing := set(schema["required"]) - set(value):
            yield f"{where}: {sorted(missing)} are missing"
        if more := set(value) - set(schema["properties"]):
            yield f"{where}: {sorted(more)} are not described"
        for name in set(value) & set(schema["properties"]):
            yield from faults(value[name], schema["properties"][name], f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for number, each in enumerate(value):
            yield from faults(each, schema["items"], f"{where}[{number}]")


def command_faults(words, lines):
    """About the lines that `persais WORDS` printed with --json."""
    name = {"reply": "run", "push": "run", "ask": "run", "rollback": "deploy"}.get(words[0], words[0])
    if name == "run" and any(line.get("event") in ("queued", "kept") for line in lines):
        name = "run_detached"
    return [fault for line in lines for fault in faults(line, SCHEMA["$defs"][name], line.get("event", "line"))]
