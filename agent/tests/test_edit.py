"""What an edit leaves in the tree, and what the run says about it."""

import json

from script import Refuse, Say, block

A = "def f():\n    return 1\n"
CHANGE = block("a.py", "    return 1\n", "    return 2\n")


def test_an_edit_changes_the_file_and_nothing_else(world):
    world.commit(a__py=A, b__py="x = 1\n")
    world.say(Say("Done.\n" + CHANGE))
    run = world.run("make f in a.py return 2", cold=True)
    assert run.verdict == ("edited", 0)
    assert run.lines[0] == {"event": "started", "aider": "0.86.2"}
    assert run.result["files"] == ["a.py"] and run.result["malformed"] == 0
    assert run.result["tokens"] == {"sent": 100, "received": 20}
    assert {"event": "usage", "sent": 100, "received": 20} in run.lines
    assert ("editing", "a.py") in run.progress()
    assert run.texts() == "Done.\n" + CHANGE
    assert world.status() == " M a.py\n" and world.read("a.py") == b"def f():\n    return 2\n"
    assert len(world.server.requests) == 1
    assert world.server.headers[0]["authorization"] == "Bearer task-token-4711"


def test_without_streaming(world):
    world.commit(a__py=A)
    world.say(Say(CHANGE))
    run = world.run("change a.py", stream=False)
    assert run.verdict == ("edited", 0) and run.result["tokens"] == {"sent": 100, "received": 20}
    assert not world.server.requests[0].get("stream") and run.texts().strip() == CHANGE.strip()


def test_a_new_file_in_a_new_folder_and_an_empty_one(world):
    world.commit(a__py=A)
    world.say(Say(block("pkg/new.py", "", "x = 1\n") + "\n" + block("pkg/__init__.py", "", "")))
    run = world.run("make a package")
    assert run.verdict == ("edited", 0) and run.result["files"] == ["pkg/__init__.py", "pkg/new.py"]
    assert world.read("pkg/new.py") == b"x = 1\n" and world.read("pkg/__init__.py") == b""
    assert world.status() == "?? pkg/__init__.py\n?? pkg/new.py\n"


def test_an_answer_without_edits_is_no_change(world):
    world.commit(a__py=A)
    world.say(Say("It is right as it is."))
    assert world.run("fix it").verdict == ("no_change", 1)
    assert world.status() == ""


def test_an_edit_that_another_takes_back_is_no_change(world):
    world.commit(a__py=A)
    world.say(Say(CHANGE + "\n" + block("a.py", "    return 2\n", "    return 1\n")))
    assert world.run("try a.py").verdict == ("no_change", 1)


def test_a_tree_that_was_dirty_before_is_not_called_edited(world):
    world.commit(a__py=A, b__py="x = 1\n")
    world.put("b.py", "x = 2\n")
    world.say(Say("Nothing to do."))
    run = world.run("look at it")
    assert run.verdict == ("no_change", 1) and run.result["files"] == []


B_WRONG = block("b.py", "no such line\n", "x\n")
B_RIGHT = block("b.py", "    return 2\n", "    return 4\n")


def two_files(world):
    world.commit(a__py="def f():\n    return 1\n", b__py="def g():\n    return 2\n")


def test_an_edit_that_was_refused_and_not_repaired_is_told(world):
    two_files(world)
    world.say(Say(CHANGE + B_WRONG), Say("All is done."))
    run = world.run("change a.py and b.py")
    assert run.verdict == ("edited", 0) and run.result["files"] == ["a.py"] and run.result["edits_failed"] == ["b.py"]


def test_an_edit_that_was_repaired_is_not(world):
    two_files(world)
    world.say(Say(CHANGE + B_WRONG), Say(B_RIGHT))
    run = world.run("change a.py and b.py")
    assert run.result["files"] == ["a.py", "b.py"] and run.result["edits_failed"] == []


def test_an_edit_of_another_file_repairs_nothing(world):
    two_files(world)
    world.say(Say(B_WRONG), Say(CHANGE))
    run = world.run("change a.py and b.py")
    assert run.result["files"] == ["a.py"] and run.result["edits_failed"] == ["b.py"]


def test_an_edit_that_may_not_be_is_told(world):
    two_files(world)
    world.say(Say(CHANGE + block("../c.py", "", "x = 1\n")), Say("All is done."))
    run = world.run("change a.py and ../c.py")
    assert run.result["files"] == ["a.py"] and run.result["edits_failed"] == ["../c.py"]


def test_a_refused_edit_alone_is_nonsense_also_when_an_answer_without_any_follows(world):
    two_files(world)
    world.say(Say(B_WRONG), Say("All is done."))
    run = world.run("change b.py")
    assert run.verdict == ("nonsense", 4) and run.result["edits_failed"] == ["b.py"]


def test_malformed_edits_three_times_are_nonsense(world):
    world.commit(a__py=A)
    world.say(*[Say(block("a.py", "    return 77\n", "    return 2\n"))] * 3, Say(CHANGE))
    run = world.run("change a.py")
    assert run.verdict == ("nonsense", 4) and run.result["malformed"] == 3
    assert len(world.server.requests) == 3 and world.status() == ""
    assert "SearchReplaceNoExactMatch" in world.server.prompt(1)


def test_a_repaired_answer_is_an_edit(world):
    world.commit(a__py=A)
    world.say(Say(block("a.py", "    return 77\n", "    return 2\n")), Say(CHANGE))
    run = world.run("change a.py")
    assert run.verdict == ("edited", 0) and run.result["malformed"] == 1 and run.result["reason"] == "1 file changed."


def test_a_new_file_whose_edit_never_applied_does_not_stay(world):
    world.commit(a__py=A)
    world.say(*[Say(block("deep/er/new.py", "not there\n", "x\n"))] * 3)
    run = world.run("do it")
    assert run.verdict == ("nonsense", 4) and run.result["files"] == []
    assert world.status() == "" and not (world.tree / "deep").exists()


def test_a_failure_after_an_edit_keeps_the_edit_and_says_both(world):
    world.commit(a__py=A)
    world.say(Say(CHANGE + "\n" + block("a.py", "nowhere\n", "x\n")), Refuse(401, "bad key"))
    run = world.run("change a.py")
    assert run.verdict == ("edited", 0) and "401" in run.result["reason"] and run.result["status"] == 401
    assert world.read("a.py") == b"def f():\n    return 2\n"


def test_files_that_an_answer_asks_for_are_opened(world):
    world.commit(a__py=A, other__py="y = 5\n")
    world.say(Say("I need `other.py` for that."), Say(block("other.py", "y = 5\n", "y = 6\n")))
    run = world.run("raise the number")
    assert run.verdict == ("edited", 0) and ("opening", "other.py") in run.progress()
    assert "y = 5" not in world.server.prompt(0) and "y = 5" in world.server.prompt(1)


def test_edits_are_applied_even_if_the_answer_names_another_file(world):
    world.commit(a__py=A, README__md="hello\n")
    world.say(Say("README.md needs no change.\n" + CHANGE))
    assert world.run("change a.py").verdict == ("edited", 0)
    assert len(world.server.requests) == 1


def test_whole_file_format(world):
    world.commit(a__py=A)
    world.say(Say("a.py\n```\ndef f():\n    return 3\n```\n"))
    assert world.run("change a.py", edit_format="whole").verdict == ("edited", 0)
    assert world.read("a.py") == b"def f():\n    return 3\n"


def test_a_conversation_goes_on(world):
    world.commit(a__py=A)
    world.say(Say(CHANGE), Say("As I said, 2."))
    first = world.run("change a.py")
    assert first.result["conversation"][0] == {"role": "user", "content": "change a.py"}
    second = world.run("what did you do?", conversation=first.result["conversation"])
    assert "change a.py" in world.server.prompt(1)
    turns = second.result["conversation"]
    assert turns[: len(first.result["conversation"])] == first.result["conversation"]
    assert turns[-2:] == [{"role": "user", "content": "what did you do?"}, {"role": "assistant", "content": "As I said, 2."}]
    assert [t["role"] for t in turns] == ["user", "assistant"] * (len(turns) // 2)


def test_ask_answers_and_changes_nothing(world):
    world.commit(a__py=A)
    world.say(Say("It returns 1.\n" + CHANGE))
    run = world.run("what does a.py do?", mode="ask")
    assert run.verdict == ("answered", 0) and run.result["answer"].startswith("It returns 1.")
    assert run.result["files"] == [] and world.status() == ""
    assert "return 1" in world.server.prompt(0)


def test_the_machines_language_is_not_asked_for(world):
    world.commit(a__py=A)
    world.say(Say("ok"))
    world.run("посмотри", env={"LANG": "de_DE.UTF-8"})
    assert "Reply in" not in world.server.prompt(0) and "German" not in world.server.prompt(0)


def test_only_json_lines_reach_standard_output(world):
    world.commit(a__py=A)
    world.say(Say("# Ünï ✓ \U0001f600\n" + CHANGE, piece=3))
    run = world.run("change a.py")
    assert run.raw.endswith(b"\n")
    for line in run.raw.decode("utf-8").splitlines():
        assert "event" in json.loads(line)
    assert "\U0001f600" in run.texts() and "Ünï" not in run.stderr and run.raw.count(b'"text"') < 20


def test_a_name_that_resembles_an_open_one_is_not_taken_for_it(world):
    """aider took src/Parameters.cpp, which was too large to be opened, for src/Parameters.h, which was open."""
    world.commit(**{"src/test_a.py": A, "src/test_b.py": A})
    world.say(Say(block("src/test_b.py", "    return 1\n", "    return 2\n")))
    run = world.run("beside src/test_a.py, f is wrong")
    assert run.verdict == ("edited", 0) and run.result["files"] == ["src/test_b.py"]
    assert world.read("src/test_a.py") == A.encode()


def test_an_edit_of_a_file_that_it_does_not_fit_goes_into_no_other_file(world):
    """aider tries each open file in turn when a block does not fit the file that it names."""
    world.commit(a__py=A, b__py=A.replace("1", "9"))
    world.say(Say(block("b.py", "    return 1\n", "    return 2\n")), Say("Then it is right."))
    run = world.run("change b.py as a.py is")
    assert run.verdict == ("nonsense", 4) and run.result["edits_failed"] == ["b.py"] and world.status() == ""
    assert "failed to exactly match lines in b.py" in world.server.prompt(1)


def test_an_edit_of_a_file_that_is_not_there_goes_into_no_other_file(world):
    world.commit(a__py=A)
    world.say(Say(block("c.py", "    return 1\n", "    return 2\n")), Say("Then it is right."))
    assert world.run("change a.py").verdict == ("nonsense", 4) and world.status() == ""


def test_a_block_that_is_indented_deeper_than_its_file_puts_no_code_before_the_new_lines(world):
    """aider took what it cut from the file's line for its indentation: `    return toimport os`."""
    world.commit(a__py="def f(total):\n    return total\n")
    world.say(Say(block("a.py", "        return total\n", "        return total\n\n\nimport os\n")), Say("Then it is right."))
    run = world.run("add an import to a.py")
    assert run.verdict == ("nonsense", 4) and world.status() == "" and run.result["edits_failed"] == ["a.py"]


def test_a_block_that_lacks_the_files_indentation_is_still_taken(world):
    world.commit(a__py=A)
    world.say(Say(block("a.py", "return 1\n", "x = 2\nreturn x\n")))
    assert world.run("change a.py").verdict == ("edited", 0)
    assert world.read("a.py") == b"def f():\n    x = 2\n    return x\n"


def test_a_file_can_be_emptied(world):
    """aider counts an edit that leaves nothing as one that failed, and looks for another file with the same text."""
    world.commit(a__py=A, b__py=A)
    world.say(Say(block("b.py", A, "")))
    run = world.run("a.py stays, empty b.py")
    assert run.verdict == ("edited", 0) and run.result["files"] == ["b.py"] and run.result["edits_failed"] == []
    assert world.read("b.py") == b"" and world.read("a.py") == A.encode() and len(world.server.requests) == 1


def test_a_first_line_that_ends_with_the_files_name_is_a_line_like_others(world):
    """aider took it for the name above a fence, and dropped it from the block."""
    world.commit(a__py="# once b.py, now a.py\nx = 1\n")
    world.say(Say(block("a.py", "# once b.py, now a.py\nx = 1\n", "x = 1\n") + "\n" + block("new.sh", "", "# new.sh\ntrue\n")))
    assert world.run("take the comment out of a.py, make new.sh").verdict == ("edited", 0)
    assert world.read("a.py") == b"x = 1\n" and world.read("new.sh") == b"# new.sh\ntrue\n"


def test_a_block_that_is_wrapped_in_the_name_and_a_fence_once_more_is_still_taken(world):
    world.commit(a__py=A)
    world.say(Say(block("a.py", "    return 1\n", "a.py\n```\n    return 2\n```\n")))
    assert world.run("change a.py").verdict == ("edited", 0)
    assert world.read("a.py") == b"def f():\n    return 2\n"


def test_a_form_feed_stays_one(world):
    world.commit(a__el="(one)\n\x0c\n(two)\n")
    world.say(Say(block("a.el", "\x0c\n(two)\n", "\x0c\n(three)\n\x0c\n(four)\n")))
    assert world.run("change a.el").verdict == ("edited", 0)
    assert world.read("a.el") == b"(one)\n\x0c\n(three)\n\x0c\n(four)\n"


README = "# Title\n\nRun:\n\n```bash\nmake it\n```\n\nor\n\n```sh\nmake\n```\nThat is all.\n"


def test_a_whole_file_with_an_example_between_fences_comes_whole(world):
    """aider ended the file at the example, and made one named `make it`."""
    world.commit(a__py=A)
    world.say(Say(f"README.md\n```markdown\n{README}```\nand\na.py\n```python\nx = 1\n```\n"))
    run = world.run("write README.md, change a.py", edit_format="whole")
    assert run.verdict == ("edited", 0) and run.result["files"] == ["README.md", "a.py"]
    assert world.read("README.md") == README.encode() and world.read("a.py") == b"x = 1\n"
