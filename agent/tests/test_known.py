"""What is known of files by their content: how it is found, kept and ranked, and that no run leaves anything to the next."""

import json
import random

import httpx
import pytest
from aider.repomap import RepoMap, Tag
from persais_agent import gateway, limits, ranking, tags
from script import Say


def rows(lines: str, folder) -> tags.Rows:
    (folder / "lent").write_text(lines)
    return tags.Rows(str(folder / "lent"))


# Rows.


def test_what_is_put_is_what_is_lent_to_the_next(tmp_path):
    first = tags.Rows(None)
    known = tags.Known([["имя", 3, [0, 2]], ['quo"te', 9, []]], [["used", 2]])
    first.put("a" * 40, "python", known)
    first.put("b" * 40, "python", tags.NOTHING)
    assert all(row.isascii() and row.count(" ") == 2 for row in first.told())
    second = rows("\n".join(first.told()), tmp_path)
    assert second.get("a" * 40, "python") == known and second.get("b" * 40, "python") == tags.NOTHING
    assert second.get("a" * 40, "ruby") is None and second.told() == [], "what was lent is not told again"


def test_rows_that_are_broken_or_cut_are_unknown_and_the_rest_serve(tmp_path, monkeypatch):
    good = 'a' * 40 + ' python [[["f",1,[]]],[]]'
    lent = rows("\n".join(["", " ", "noise", "b" * 40 + " python [[", "c" * 40 + " python 7", "d" * 40 + " python " + "[" * 100_000, good]), tmp_path)
    assert [lent.get(each * 40, "python") for each in "bcd"] == [None] * 3
    assert lent.get("a" * 40, "python").definitions == [["f", 1, []]]
    monkeypatch.setattr(limits, "TAGS_BYTES", len(good) + 20)
    cut = rows(f"{good}\n{'e' + good[1:]}", tmp_path)
    assert cut.get("a" * 40, "python") and cut.get("e" + "a" * 39, "python") is None
    (tmp_path / "bytes").write_bytes(b"\xff\xfe python [[],[]]\n" + good.encode())
    assert tags.Rows(str(tmp_path / "bytes")).get("a" * 40, "python")
    assert tags.Rows(str(tmp_path)).get("a" * 40, "python") is None, "a folder is no file of rows"


def test_a_row_that_is_too_long_serves_its_own_run_and_is_not_told(tmp_path):
    mine = tags.Rows(None)
    names = [[f"name_{i}", i, []] for i in range(5000)]
    mine.put("a" * 40, "python", tags.Known(names, []))
    mine.put("b" * 40, "python", tags.Known(names[:100], []))
    assert len(mine.get("a" * 40, "python").definitions) == 5000
    assert [row[0] for row in mine.told()] == ["b"] and len(mine.told()[0]) < limits.TAGS_ROW_BYTES + 100


def test_rows_are_told_in_lines_of_bounded_length(world):
    for i in range(40):
        world.put(f"m{i}.py", "".join(f"def function_{i}_{'x' * 80}_{j}():\n    pass\n" for j in range(110)))
    world.commit()
    world.say(Say("ok"))
    run = world.run("what is there?", map={"seconds": 60})
    lines = [line["rows"] for line in run.lines if line["event"] == "tags"]
    assert len(lines) > 1 and sum(map(len, lines)) == 40
    assert max(sum(map(len, each)) for each in lines) <= limits.TAGS_LINE_BYTES
    assert min(sum(map(len, each)) for each in lines[:-1]) > limits.TAGS_LINE_BYTES // 2, "few lines, not one for each row"


# What is found in a content.


def test_what_is_found_is_bounded_and_has_no_odd_names():
    text = f"# A file.\nclass A:\n    def inner(self):\n        return plain()\n\n\ndef {'n' * (limits.TAG_NAME_BYTES + 1)}():\n    pass\n"
    known = tags.find("a.py", text.encode())
    assert [[name, line] for name, line, _ in known.definitions] == [["A", 1], ["inner", 2]]
    assert known.uses == [["plain", 2]], "aider counts the last one twice"
    assert known.definitions[1][2][:1] == [1], "it stands in a class"
    for path, data in [("a.py", b"def f(): f()\n" * (limits.MAP_FILE_BYTES // 13 + 1)), ("a.py", b"\xff\x00\xfe"), ("a.py", b""), ("a.nothing", b"def f(): pass")]:
        assert tags.find(path, data) == tags.NOTHING, path


def test_what_a_definition_stands_in_is_bounded():
    deep = "".join(f"{'  ' * i}class C{i}:\n" for i in range(60)) + "  " * 60 + "def inner(): pass\n"
    around = {name: at for name, _, at in tags.find("a.py", deep.encode()).definitions}
    assert 0 < len(around["inner"]) <= 2 * limits.TAG_HEADERS


@pytest.mark.parametrize("kind, content, blob", [
    ("sha1", b"", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"),
    ("sha256", b"", "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813")])
def test_the_id_is_gits(kind, content, blob):
    assert tags.blob_id(content, blob) == blob and tags.blob_id(content + b"\n", blob) != blob


# The rank, beside aider's own.


class _Aiders(RepoMap):
    """Ranks what is known, with nothing of ours between."""

    warned_files = TAGS_CACHE = ()
    verbose = False

    def __init__(self, root, known):
        self.root, self.known = str(root), known

    def get_tags(self, fname, rel_fname):
        of = self.known[rel_fname]
        yield from (Tag(rel_fname, fname, line, name, "def") for name, line, _ in of.definitions)
        yield from (Tag(rel_fname, fname, -1, name, "ref") for name, count in of.uses for _ in range(count))


def a_repository(seed: int, folder) -> dict:
    """Names of one file that are used often, and names of several that are used once: aider takes the root of a count once more for
    each further file, which is no wish of anybody's."""
    chance = random.Random(seed)
    paths = [f"{part}/file_{i}.py" for part in ("app", "lib") for i in range(9)]
    known = {path: tags.Known([], []) for path in paths}
    for i in range(70):
        word = ("plain{}", "snake_name_{}", "CamelNames{}", "_hidden_{}", "kebab-name-{}", "a_{}", "aB{}")[i % 7].format(i)
        often = i % 3 > 0
        used = i % 8 > 0
        for path in chance.sample(paths if used else paths[:9], 1 if often else chance.randrange(2, 8)):
            known[path].definitions.append([word, i, []])
        for path in chance.sample(paths[:-4], chance.randrange(1, 6) if used else 0):  # the last ones use nothing
            known[path].uses.append([word, chance.randrange(1, 9) if often else 1])
    for path in paths:
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).touch()
    return known


@pytest.mark.parametrize("seed", range(8))
def test_it_is_aiders_order(seed, tmp_path):
    known = a_repository(seed, tmp_path)
    paths = sorted(known)
    opened, mentioned = set(paths[: seed % 3]), set(paths[5 : 5 + seed // 3])
    idents = {"plain14", "snake_name_22", "file_7", "lib"} if seed % 2 else set()
    if seed == 7:
        known = {path: tags.Known(of.definitions, []) for path, of in known.items()}
    drawn = {path: found for path in paths
             if (found := ranking.personal(path, path in opened, path in mentioned, idents, 100 / len(paths)))}
    files, best = ranking.ranked(known, opened, drawn, idents, lambda: None)
    full = [f"{tmp_path}/{path}" for path in paths]
    theirs = _Aiders(tmp_path, known).get_ranked_tags(
        [each for each in full if each[len(str(tmp_path)) + 1 :] in opened], [each for each in full if each[len(str(tmp_path)) + 1 :] not in opened],
        mentioned, idents)
    assert [key for key in best if key[0] not in opened and key in {(tag[0], tag.name) for tag in theirs if len(tag) > 1}] == list(
        dict.fromkeys((tag[0], tag.name) for tag in theirs if len(tag) > 1))
    assert set(files) <= set(paths) and len(files) == len(set(files))


def test_a_name_without_users_or_a_repository_without_names_ranks_nothing_twice():
    nothing = ranking.ranked({"a.py": tags.NOTHING}, set(), {}, set(), lambda: None)
    assert nothing == ([], [])
    alone = ranking.ranked({"a.py": tags.Known([["f", 0, []]], [["other", 1]])}, set(), {"a.py": 0.0}, set(), lambda: None)
    assert alone == (["a.py"], [("a.py", "f")])


def test_the_rank_asks_for_the_time_as_it_goes():
    def no_time():
        raise TimeoutError

    with pytest.raises(TimeoutError):
        ranking.ranked({"a.py": tags.Known([["f", 0, []]], [["f", 1]])}, set(), {}, set(), no_time)


# What a rehearsal leaves.


def ask(name: str, answered: str) -> tuple[list, str]:
    """Through litellm and a gateway of its own; gives the requests that this one saw, and the answer."""
    import litellm

    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.headers["authorization"], json.loads(request.content)["model"]))
        message = {"role": "assistant", "content": answered}
        return httpx.Response(200, json={"id": "1", "object": "chat.completion", "created": 1, "model": name, "choices": [
            {"index": 0, "message": message, "finish_reason": "stop"}]})

    way = gateway.Gateway("/nonexistent", None, "t", 1.0, lambda: None)
    way.client.close()
    way.client = httpx.Client(transport=gateway.Watched(httpx.MockTransport(answer), httpx.URL(way.base_url).netloc, way))
    before = gateway.install(way, [name])
    try:
        done = litellm.completion(model=f"openai/{name}", messages=[{"role": "user", "content": "x"}], api_base=way.base_url, api_key="t")
        return seen, done.choices[0].message.content
    finally:
        way.client.close()
        gateway.forget(before)


@pytest.fixture
def litellm_of_others():
    """The settings of the process stay as they were for other tests."""
    import litellm
    from litellm.litellm_core_utils import thread_pool_executor

    executor = thread_pool_executor.executor
    before = {name: getattr(litellm, name) for name in (
        "telemetry", "suppress_debug_info", "disable_streaming_logging", "disable_token_counter", "disable_hf_tokenizer_download",
        "REPEATED_STREAMING_CHUNK_LIMIT")}
    yield litellm
    for name, value in before.items():
        setattr(litellm, name, value)
    executor.__dict__.pop("submit", None)


@pytest.mark.parametrize("name", ["vendor/name", "gpt-5-pro"])
def test_the_next_run_finds_nothing_of_the_one_before(litellm_of_others, name):
    before = {key: dict(value) for key, value in litellm_of_others.model_cost.items() if key in (name, f"openai/{name}")}
    for answered in ("first", "second"):
        assert ask(name, answered) == ([("Bearer t", name)], answered), "its own client was asked, once"
        assert litellm_of_others.client_session is None
    after = {key: value for key, value in litellm_of_others.model_cost.items() if key in (name, f"openai/{name}")}
    assert after == before, "what litellm knows of the model by itself"


def test_a_model_that_is_its_own_weak_one_is_forgotten_once(litellm_of_others):
    way = gateway.Gateway("/nonexistent", None, "t", 1.0, lambda: None)
    gateway.forget(gateway.install(way, ["v/n", "v/n"]))
    assert not {"v/n", "openai/v/n"} & set(litellm_of_others.model_cost)
    way.client.close()
