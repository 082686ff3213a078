"""The repository map has a policy: by size, by time, and kept between runs."""

import json

import pytest
from script import Say


def fill(world, count: int):
    for i in range(count):
        world.put(f"pkg{i % 9}/mod_{i}.py", f"def function_{i}():\n    return function_{i - 1}()\n")
    world.commit()


def test_a_map_of_a_small_repository_shows_definitions_and_is_kept(world):
    fill(world, 30)
    world.say(Say("ok"), Say("ok"))
    world.run("what is there?")
    assert "def function_" in world.server.prompt(0)
    saved = json.loads((world.scratch / "tags.json").read_text())
    assert len(saved) == 30
    world.run("what is there?", map={"cache": str(world.scratch / "tags.json")})
    assert "def function_" in world.server.prompt(1)


def test_above_max_files_the_model_gets_names(world):
    fill(world, 30)
    world.say(Say("ok"))
    run = world.run("look at function_7", map={"max_files": 29})
    assert run.verdict == ("no_change", 1)
    assert "def function_" not in world.server.prompt(0) and "pkg7/mod_7.py" in world.server.prompt(0)
    assert not (world.scratch / "tags.json").exists() and ("reading_repository", "") not in run.progress()


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
