"""The repository map has a policy: by size, by time, and kept between runs."""

import json
import os
import threading

import pytest
from script import Say


def fill(world, count: int):
    for i in range(count):
        world.put(f"pkg{i % 9}/mod_{i}.py", f"def function_{i}():\n    return function_{i - 1}()\n")
    world.commit()


def tags_of(run) -> list[str]:
    return [row for line in run.lines if line["event"] == "tags" for row in line["rows"]]


def test_a_map_of_a_small_repository_shows_definitions_and_tells_its_tags(world):
    fill(world, 30)
    world.say(Say("ok"), Say("ok"))
    run = world.run("what is there?")
    assert "│def function_" in world.server.prompt(0)
    rows = tags_of(run)
    blobs = {line.split()[2] for line in world.git("ls-tree", "-r", "HEAD").splitlines()}
    assert {row.split(" ")[0] for row in rows} == blobs and len(rows) == 30 == len(blobs)
    known = json.loads(next(row for row in rows if '"function_7"' in row and '"function_6"' in row).split(" ")[2])
    assert known == [[["function_7", 0, []]], [["function_6", 2]]], "aider counts the last use in a file twice"

    (world.root / "tags").write_text("\n".join([*rows, "noise", "a b c", f"{'0' * 40} python [["]))
    known = world.run("what is there?", map={"tags": str(world.root / "tags")})
    assert world.server.prompt(1) == world.server.prompt(0) and not tags_of(known)


def test_tags_serve_a_clone_whose_files_were_moved_and_changed(world):
    fill(world, 3)
    world.say(Say("ok"), Say("ok"))
    (world.root / "tags").write_text("\n".join(tags_of(world.run("what is there?"))))
    world.git("mv", "pkg1/mod_1.py", "moved.py")
    world.put("pkg2/mod_2.py", "# a line above\n\n\ndef function_2():\n    return 2\n")
    run = world.run("what is there?", map={"tags": str(world.root / "tags")})
    assert "moved.py:\n│def function_1():" in world.server.prompt(1)
    assert "pkg2/mod_2.py:\n⋮\n│def function_2():" in world.server.prompt(1), "its lines are where they are now"
    assert not tags_of(run), "what is no content of the index is not told"


def test_what_a_map_did_not_come_to_is_looked_at_while_the_model_thinks(world):
    fill(world, 40)
    hold = threading.Event()
    world.say(Say("ok, that is all", piece=2, hold=hold))
    started = world.start(world.job("what is there?", map={"seconds": 1e-9}))
    assert world.server.first_piece.wait(30)
    threads = f"/proc/{started.pid}/task"
    while len(os.listdir(threads)) > 1:  # the one that looks ends when it has seen all
        hold.wait(0.02)
    hold.set()
    run = started.finish()
    assert ("no_repository_map", "the repository map took too long") in run.progress() and len(tags_of(run)) == 40


def test_above_max_files_the_model_gets_names(world):
    fill(world, 30)
    world.say(Say("ok"))
    run = world.run("look at function_7", map={"max_files": 29})
    assert run.verdict == ("no_change", 1)
    assert "def function_" not in world.server.prompt(0) and "pkg7/mod_7.py" in world.server.prompt(0)
    assert not tags_of(run) and ("reading_repository", "") not in run.progress()


def test_a_map_past_its_deadline_gives_way_to_names(world):
    fill(world, 30)
    world.say(Say("ok"))
    run = world.run("what is there?", map={"seconds": 1e-9})
    assert run.verdict == ("no_change", 1)
    assert ("no_repository_map", "the repository map took too long") in run.progress()
    assert "def function_" not in world.server.prompt(0) and "pkg7/mod_7.py" in world.server.prompt(0)


def test_a_repository_without_a_commit(world):
    world.say(Say("hello.py\n```\n<<<<<<< SEARCH\n=======\nprint(1)\n>>>>>>> REPLACE\n```\n"))
    assert world.run("write hello.py").verdict == ("edited", 0)
    assert world.read("hello.py") == b"print(1)\n"


def test_files_of_the_job_are_opened_in_bounds(world):
    world.put("big.py", "x = 1\n" * 100_000)
    world.commit(a__py="a_is_open = 1\n")
    world.say(Say("ok"))
    world.run("look", files=["big.py", "a.py", "missing.py"])
    assert "a_is_open" in world.server.prompt(0) and "x = 1\nx = 1" not in world.server.prompt(0)
    assert not (world.tree / "missing.py").exists()


def test_the_settings_of_a_known_model_are_used(world):
    world.commit(a__py="x\n")
    world.say(Say("ok"), Say("ok"))
    world.run("look", model="anthropic/claude-sonnet-4.5", limits={})
    assert world.server.requests[0]["max_tokens"] == 64000
    assert world.server.requests[0]["model"] == "anthropic/claude-sonnet-4.5"
    world.run("look", model="anthropic/claude-sonnet-4.5")
    assert world.server.requests[1]["max_tokens"] == 4000


# For the first five litellm has another address or other parameters than plain chat; the rest are spellings.
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "name",
    """openai/gpt-5-pro openai/gpt-5.1-codex-max openai/o1-pro openai/gpt-5 deepseek/deepseek-r1 google/gemini-2.5-pro
    openrouter/auto ~anthropic/claude-sonnet-latest meta-llama/llama-3.3-70b-instruct:free gpt-4o Some/Upper-Case""".split(),
)
def test_any_model_is_asked_by_its_own_name_at_the_one_address(world, name, stream):
    world.commit(a__py="x = 1\n")
    world.say(Say("ok"))
    run = world.run("look", model=name, stream=stream)
    assert run.verdict == ("no_change", 1), run.result
    assert [(r["model"], r["path"]) for r in world.server.requests] == [(name, "/v1/chat/completions")]


def test_over_tcp(world):
    """The way for a gateway behind a loopback port; the same script answers."""
    import socket
    import threading

    world.commit(a__py="x\n")
    world.say(Say("ok"))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def forward():
            client, _ = listener.accept()
            inner = socket.socket(socket.AF_UNIX)
            inner.connect(world.server.server_address)

            def pump(source, target):
                while data := source.recv(65536):
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)

            threading.Thread(target=pump, args=(client, inner), daemon=True).start()
            pump(inner, client)

        threading.Thread(target=forward, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        run = world.run("look", gateway={"url": url, "token": "t"})
    assert run.verdict == ("no_change", 1) and len(world.server.requests) == 1
