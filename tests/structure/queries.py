"""SQL that is long stands in sql/queries/, where it is laid out and says what its parameters are; what is short stands where it is used."""

import re
import unittest
from pathlib import Path

import tree

LONGEST = 500  # characters of a statement in C++, about 12 lines of a file
PARAMETERS = 8  # of a statement in C++
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|R"(?P<mark>\w*)\((?P<raw>.*?)\)(?P=mark)"|"(?P<text>(?:\\.|[^"\\\n])*)"|\'(?:\\.|[^\'\\\n])\'|\s+|.', re.DOTALL)
SQL = re.compile(r"\b(select|insert into|update \w+ set|delete from|with (recursive )?\w+ as)\b")
HEAD = re.compile(r"(?:--[^\n]*\n)+")
PARAMETER = re.compile(r"^-- \$(\d+) \w+: [\w\[\]]+(?:[,;] .+)?$")

# From this migration on the way back is promised (docs/operating.md); those before it stood when it was.
FIRST_HELD = 33
TAKEN_AWAY = re.compile(r"\b(?:drop (?:table|column|view|type|schema)\b|rename (?:to|column)\b|alter column \w+ (?:set data )?type\b|alter column \w+ set not null"
                        r"|alter column \w+ drop default)", re.IGNORECASE)
ADDED = re.compile(r"\badd column (?:if not exists )?\w+ [^,;]*", re.IGNORECASE)
DROPPED = re.compile(r"\bdrop function (?:if exists )?(\w+)", re.IGNORECASE)


def breaks_the_release_before(sql):
    """What of a migration the program before it cannot live with. A line that ends with `-- unused since VERSION` says that it need not."""
    lines = [line for line in sql.splitlines() if not re.search(r"-- unused since \d", line)]
    text = re.sub(r"\s+", " ", "\n".join(re.sub(r"--.*", "", line) for line in lines))
    found = [each[0] for each in TAKEN_AWAY.finditer(text)]
    found += [each[0].strip() for each in ADDED.finditer(text) if re.search(r"not null", each[0], re.IGNORECASE) and "default" not in each[0].lower()
              and "generated" not in each[0].lower()]
    found += [f"drop function {name}" for name in DROPPED.findall(text) if not re.search(rf"create (?:or replace )?function {name}\b", text, re.IGNORECASE)]
    return found


def literals(code):
    """(line, text) of each string literal; those that stand one after the other are one."""
    found, open_, line = [], False, 1
    for token in TOKEN.finditer(code):
        text = token["text"] if token["text"] is not None else token["raw"]
        if text is not None:
            if not open_:
                found.append((line, ""))
            found[-1] = (found[-1][0], found[-1][1] + text)
            open_ = True
        elif not token[0].isspace() and not token[0].startswith(("//", "/*")):
            open_ = False
        line += token[0].count("\n")
    return found


def highest(sql):
    return max([int(number) for number in re.findall(r"\$(\d+)", sql)], default=0)


def long_statements(code):
    return [f"line {line}: {len(text)} characters, {highest(text)} parameters" for line, text in literals(code)
            if SQL.search(text) and (len(text) > LONGEST or highest(text) > PARAMETERS)]


def complaints(sql):
    """What is wrong with a file of sql/queries."""
    head = HEAD.match(sql)
    if not head or PARAMETER.match(head[0]):
        return ["begins with a comment that says what it does"]
    found, body = [], re.sub(r"--[^\n]*", "", sql[head.end():])
    lines = [line for line in head[0].splitlines() if line.startswith("-- $")]
    found += [f"`{line}` is not `-- $1 name: type, more`" for line in lines if not PARAMETER.match(line)]
    said = [int(re.match(r"-- \$(\d+)", line)[1]) for line in lines]
    used = {int(number) for number in re.findall(r"\$(\d+)", body)}
    if said != list(range(1, highest(body) + 1)) or used != set(said):
        found.append(f"says what ${said} are, uses ${sorted(used)}")
    if any("--" in text for text in re.findall(r"'([^'\n]*)'", sql[head.end():])):
        found.append("-- within quotes would be taken for a comment")
    statement = re.sub(r"\$\$.*?\$\$", "", body, flags=re.DOTALL)  # a block of PL/pgSQL is one statement with others inside
    if not statement.rstrip().endswith(";") or statement.count(";") != 1:
        found.append("is one statement that ends with ;")
    return found


def queries():
    return [path for path in tree.files() if path.parts[:2] == ("sql", "queries")]


def users(query, sources):
    """Of a query's folder in src/, who says its name."""
    folder = Path("src", *query.parts[2:-1])
    return [path for path, text in sources.items() if path.parent == folder and re.search(rf"\bqueries::{query.stem}\b", text)]


class Queries(unittest.TestCase):
    def setUp(self):
        self.sources = {path: tree.text(path) for path in tree.files()
                        if path.parts[0] == "src" and path.suffix in (".cpp", ".hpp") and not tree.is_test(path)}

    def test_no_statement_in_the_code_is_long(self):
        self.assertGreater(sum(1 for text in self.sources.values() for _, literal in literals(text) if SQL.search(literal)), 50)
        self.assertEqual({str(path): found for path, text in self.sources.items() if (found := long_statements(text))}, {},
                         "it goes to sql/queries/")

    def test_each_says_what_it_does_and_what_its_parameters_are(self):
        self.assertGreater(len(queries()), 5)
        self.assertEqual({str(path): found for path in queries() if (found := complaints(tree.text(path)))}, {})

    def test_each_is_used(self):
        self.assertEqual([str(path) for path in queries() if path.suffix != ".sql" or not users(path, self.sources)], [])

    def test_what_is_wrong_would_be_found(self):
        long = "select " + "a, " * 200
        half = long[:len(long) // 2]
        for code in (f'query("{long}");', f'query("{half}" // why\n  "{long[len(half):]}")', f'auto a = R"({long})";', 'query("select $9")',
                     f"char c = '\"'; query(\"{long}\")"):
            self.assertEqual(len(long_statements(code)), 1, code)
        for code in (f'query("{half}", "{long[len(half):]}")', f'say("{long.replace("select", "selected")}")', f'// "{long}"', 'query("select $8")'):
            self.assertEqual(long_statements(code), [], code)
        for sql in ("-- What.\n--\n-- $1 id: bigint, of it\n-- $2 all: text[]\nselect $1, $2, $1; -- $3\n", "-- What.\nselect 1;\n"):
            self.assertEqual(complaints(sql), [], sql)
        for sql in ("select 1;\n", "-- What.\nselect 1\n", "-- What.\nselect 1; select 2;\n", "-- What.\nselect '--'\n;\n", "-- What.\nselect $1;\n",
                    "-- What.\n-- $1 id: int\nselect 1;\n", "-- What.\n-- $1 id: int\n-- $3 id: int\nselect $1, $3;\n",
                    "-- What.\n-- $1 id: int\n-- $1 id: int\nselect $1;\n", "-- What.\n-- $1 id\nselect $1;\n", "-- $1 id: int\nselect $1;\n"):
            self.assertEqual(len(complaints(sql)), 1, sql)
        query = Path("sql/queries/a/b/name.sql")
        self.assertEqual(users(query, {Path("src/a/b/x.cpp"): "queries::names", Path("src/a/y.cpp"): "queries::name"}), [])
        self.assertEqual(users(query, {Path("src/a/b/x.cpp"): "(queries::name,"}), [Path("src/a/b/x.cpp")])


class WayBack(unittest.TestCase):
    """A program works on a schema that is newer than itself: a migration adds, and takes away only what the release before did not use any more."""

    def test_no_migration_takes_away_what_the_program_before_it_uses(self):
        found = {path.name: wrong for path in sorted((tree.ROOT / "sql/migrations").glob("*.sql")) if int(path.name[:4]) >= FIRST_HELD
                 and (wrong := breaks_the_release_before(path.read_text()))}
        self.assertEqual(found, {}, "add now, remove a release later: CONTRIBUTING, A migration")

    def test_what_takes_away_is_seen(self):
        for bad in ("alter table a drop column b;", "drop table if exists a;", "alter table a rename column b to c;", "alter table a rename to b;",
                    "alter table a alter column b type text;", "alter table a\n    alter column b set not null;", "alter table a add column b int not null;",
                    "drop function f(bigint);"):
            self.assertEqual(len(breaks_the_release_before(bad)), 1, bad)
        for good in ("alter table a add column if not exists b int not null default 0, drop constraint c;", "create table a (b int not null);",
                     "-- drop table a", "drop table a; -- unused since 0.2.0", "alter table a add column id bigint not null generated always as identity;",
                     "drop function if exists f(bigint);\ncreate or replace function f(a bigint, b int default 1) returns int as $$ select 1 $$ language sql;"):
            self.assertEqual(breaks_the_release_before(good), [], good)


if __name__ == "__main__":
    unittest.main()
