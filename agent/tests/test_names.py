"""The names of a tree, as git's index has them: which are taken, which a text means, which a listing shows."""

import random
import shutil
import subprocess

import pytest
from persais_agent import limits
from persais_agent.listing import listing
from persais_agent.mentions import Names
from persais_agent.tree import NotATree, Tree
from script import Say


def put_into_index(world, mode: str, name: str | bytes, content: str = "x", stage: int = 0) -> str:
    """Past the work tree; gives the id."""
    blob = subprocess.run(("git", "hash-object", "-w", "--stdin"), cwd=world.tree, input=content.encode(), check=True, capture_output=True).stdout
    name = name.encode() if isinstance(name, str) else name
    entry = b"%s %s %d\t%s\0" % (mode.encode(), blob.strip(), stage, name)
    subprocess.run(("git", "update-index", "-z", "--index-info"), cwd=world.tree, input=entry, check=True)
    return blob.decode().strip()


# What the index has.


def test_regular_files_are_taken_and_links_submodules_and_names_of_other_bytes_are_not(world):
    world.put("run.sh", "true\n")
    (world.tree / "run.sh").chmod(0o755)
    (world.tree / "link.py").symlink_to("a.py")
    world.commit(a__py="x = 1\n")
    world.git("update-index", "--add", "--cacheinfo", f"160000,{'5' * 40},inner")
    put_into_index(world, "100644", b"caf\xe9.py")
    put_into_index(world, "100644", "café.py")
    put_into_index(world, "100644", "two\nlines.py")
    tree = Tree(str(world.tree))
    assert tree.tracked == ["a.py", "café.py", "run.sh"] and set(tree.blobs) == set(tree.names)


def test_a_file_that_is_being_merged_is_named_once(world):
    world.commit(a__py="x = 1\n")
    world.git("rm", "-q", "--cached", "a.py")
    for stage in (1, 2, 3):
        put_into_index(world, "100644", "a.py", f"x = {stage}\n", stage)
    put_into_index(world, "100644", "b.py")
    tree = Tree(str(world.tree))
    assert tree.tracked == ["a.py", "b.py"]
    assert Names(tree.names).mentioned("mend a.py") == ["a.py"], "it is no two files of one name"
    world.say(Say("ok"))
    assert world.run("mend a.py").verdict == ("no_change", 1) and world.server.prompt(0).count("a.py\n```") == 1


def test_a_repository_of_long_ids_has_a_map_whose_rows_serve_the_next(world):
    shutil.rmtree(world.tree / ".git")
    world.git("init", "-q", "-b", "main", "--object-format=sha256")
    world.commit(a__py="def first():\n    return 1\n", b__py="import a\n\n\ndef second():\n    return a.first()\n")
    world.say(Say("ok"), Say("ok"))
    rows = [row for line in world.run("what is there?").lines if line["event"] == "tags" for row in line["rows"]]
    blobs = {line.split()[2] for line in world.git("ls-tree", "-r", "HEAD").splitlines()}
    assert {row.split(" ")[0] for row in rows} == blobs and {len(blob) for blob in blobs} == {64}
    (world.root / "tags").write_text("\n".join(rows))
    again = world.run("what is there?", map={"tags": str(world.root / "tags")})
    assert world.server.prompt(0) == world.server.prompt(1) and not [line for line in again.lines if line["event"] == "tags"]


def test_an_index_that_git_cannot_read_is_a_bad_job_and_an_empty_one_is_not(world):
    world.commit(a__py="x\n")
    (world.tree / ".git/index").write_bytes(b"DIRC" + b"\xff" * 60)
    with pytest.raises(NotATree, match="git can list"):
        Tree(str(world.tree)).names
    assert world.run("look").verdict == ("bad_job", 2)
    (world.tree / ".git/index").unlink()
    assert Tree(str(world.tree)).tracked == []


# Which of them a text means.


def one_by_one(paths, words) -> dict:
    """Each word in a text of its own is searched for; all in one, they are more than are searched for, and are looked up."""
    searched = {word: Names(paths).mentioned(word) for word in words}
    found = Names(paths).mentioned(" ".join(["no-such-file.txt"] + [f"filler_{i}.py" for i in range(20)] + list(words)))
    assert [path for word in words for path in searched[word]] == found
    return searched


def test_a_bare_name_means_a_file_only_if_it_is_the_only_one_of_that_name():
    paths = dict.fromkeys(sorted(["util.py", "a/util.py", "a/my_util.py", "b/only.py", "c/only.py.orig", "first.md", "z/last.md", "a/b.c/d.e"]))
    assert one_by_one(paths, ["my_util.py", "only.py", "only.py.orig", "first.md", "last.md", "d.e", "b.c", "til.py", "z/last"]) == {
        "my_util.py": ["a/my_util.py"], "only.py": ["b/only.py"], "only.py.orig": ["c/only.py.orig"], "first.md": ["first.md"],
        "last.md": ["z/last.md"], "d.e": ["a/b.c/d.e"], "b.c": [], "til.py": [], "z/last": []}
    assert Names(paths).mentioned("util.py") == ["util.py"], "the whole path is meant, whoever has the same last name"
    assert Names(dict.fromkeys(["a/util.py", "b/util.py"])).mentioned("util.py") == []


@pytest.mark.parametrize("seed", range(5))
def test_what_is_searched_for_and_what_is_looked_up_are_the_same(seed):
    chance = random.Random(seed)
    bases = ["a.py", "aa.py", "a.pyc", "b_b", "b_b.b", "-c", "файл.py", "x.y.z"]
    paths = {"/".join([*chance.choices(["a.py", "lib", "b_b", "ф"], k=chance.randrange(3)), chance.choice(bases)]) for _ in range(12)}
    one_by_one(dict.fromkeys(sorted(paths)), bases)


def test_a_text_cannot_put_two_names_together():
    names = Names(dict.fromkeys(["a.py", "b.py", "c/d.py"]))
    for between in ("\n", "\0", "\\n", "\u2028", "\r"):
        assert set(names.mentioned(f"`a.py{between}b.py`")) <= {"a.py", "b.py"}, repr(between)


def test_an_open_file_stands_for_its_name_and_is_not_named_again():
    names = Names(dict.fromkeys(["a/util.py", "b.py"]))
    assert names.mentioned("util.py and b.py", {"other/util.py"}) == ["b.py"]
    assert names.mentioned("a/util.py b.py", {"a/util.py", "b.py"}) == []
    assert names.mentioned("b.py b.py `b.py` b.py:3 b.py:3-9,") == ["b.py"]


def test_a_file_that_nobody_tracks_is_not_opened_by_a_name_of_two_lines(world):
    world.commit(a__py="x = 1\n")
    world.put("mine.env", "INNER=not-for-the-model\n")
    put_into_index(world, "100644", "odd\nmine.env")
    world.say(Say("ok"))
    assert world.run("what is in mine.env?").verdict == ("no_change", 1)
    assert "not-for-the-model" not in world.server.prompt(0)


# What is listed of many.


def many(*more: str) -> list[str]:
    return sorted([f"module_{i % 50}/part/file_{i}.txt" for i in range(3000)] + list(more))


def test_a_listing_shows_whole_names_that_share_a_word_whatever_the_case_and_script():
    text = listing(many("src/PARSER.py", "src/parser_test.py", "доки/Разбор.md", "straße/größe.txt"), "Mend the Parser, разбор and GRÖSSE; abc")
    shown = text.split("share a word with my request:\n")[1].splitlines()
    assert shown == ["src/PARSER.py", "src/parser_test.py", "straße/größe.txt", "доки/Разбор.md"]
    assert "share a word" not in listing(many(), "abc de f")


def test_a_name_of_several_lines_does_not_shift_what_is_listed(world):
    world.commit(**{f"file_{i}": "" for i in range(9)})
    put_into_index(world, "100644", "a\nb\nneedle")
    for i in range(500):
        world.put(f"{'long' * 20}_{i}", "")
    world.put("z/needle.py", "")
    world.git("add", "-A")
    text = listing(Tree(str(world.tree)).tracked, "needle")
    assert text.split("share a word with my request:\n")[1] == "z/needle.py\n"


def test_a_listing_ends_at_its_limits_of_names_and_bytes():
    assert listing(many(), "file").count("/part/file_") == limits.LISTING_MATCHES
    two = listing(many(*(f"{word}_{i}" for word in ("first", "second") for i in range(99))), "first second")
    assert two.count("first_") + two.count("second_") == limits.LISTING_MATCHES
    assert listing(many("top/one_and_other.py"), "one_and other").count("one_and_other") == 1, "though it shares two words"
    long = listing(many(*(f"deep/{'д' * 100}_{i}_needle" for i in range(90))), "needle")
    assert 10 < long.count("_needle\n") < 90 and len(long.encode()) < limits.LISTING_BYTES * 1.1


@pytest.mark.parametrize("letter", ["d", "д", "語", "😀"])
def test_a_listing_of_many_folders_is_as_long_in_every_script(letter):
    text = listing([f"{letter * 20}{i}/a" for i in range(4000)], "word")
    assert limits.LISTING_BYTES * 0.4 < len(text.encode()) < limits.LISTING_BYTES


def test_folders_are_counted_with_all_that_is_below_them():
    text = listing(many("top.txt", *(f"deep/{i}/{'n' * 60}/{j}.txt" for i in range(300) for j in range(2))), "x")
    lines = text.splitlines()
    assert {"./ (1)", "deep/7/ (2)", "module_7/part/ (60)"} <= set(lines), "as deep as there is room for"
