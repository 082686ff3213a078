"""Models, gateways and jobs that fail: each has its verdict, and money is not spent twice."""

import json
import os
import threading

import pytest
from script import Raw, Refuse, Say, block

A = "def f():\n    return 1\n"
CHANGE = block("a.py", "    return 1\n", "    return 2\n")
BUDGET = 'Insufficient credits: the budget of this task is used up {"code":402}'


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 429, 500, 503])
def test_a_refusal_ends_the_run_after_one_request(world, status):
    world.commit(a__py=A)
    world.say(Refuse(status, BUDGET if status == 402 else "because I say so"), Say(CHANGE))
    run = world.run("change a.py")
    assert run.verdict == ("model_failed", 3) and len(world.server.requests) == 1
    assert run.result["status"] == status and f"{status}: " in run.result["reason"]
    assert ("budget of this task" if status == 402 else "because I say so") in run.result["reason"]
    assert world.status() == "" and run.result["conversation"] == []


@pytest.mark.parametrize("broken", [dict(cut_after=2), dict(error_after=2), dict(no_done=True), dict(finish=None), dict(finish="error")])
def test_a_broken_answer_is_asked_for_again_and_never_applied(world, broken):
    world.commit(a__py=A)
    world.say(Say("First.\n" + CHANGE, **broken), Say("Second.\n" + CHANGE))
    run = world.run("change a.py")
    assert run.verdict == ("edited", 0) and len(world.server.requests) == 2
    assert run.result["answer"].startswith("Second.")


@pytest.mark.parametrize("broken, words", [(dict(cut_after=4), "cut off"), (dict(error_after=4), "provider fell over")])
def test_an_answer_that_stays_broken_is_model_failed(world, broken, words):
    world.commit(a__py=A)
    # The block is whole before the answer breaks: taking it for finished would edit the file.
    world.say(*[Say(CHANGE + "and " * 40, **broken)] * 4)
    run = world.run("change a.py")
    assert run.verdict == ("model_failed", 3) and words in run.result["reason"]
    assert len(world.server.requests) == 3 and world.status() == ""


@pytest.mark.parametrize(
    "body", [b'{"error":{"message":"no provider","code":502}}', b"<html>", b'{"choices":[]}', b'{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":null}]}']
)
@pytest.mark.parametrize("stream", [True, False])
def test_a_200_that_is_no_answer(world, body, stream):
    world.commit(a__py=A)
    world.say(*[Raw(body)] * 4)
    run = world.run("change a.py", stream=stream)
    assert run.verdict == ("model_failed", 3) and world.status() == ""


def test_an_answer_at_its_limit_is_not_applied(world):
    world.commit(a__py=A)
    world.say(Say(CHANGE, finish="length"))
    run = world.run("change a.py")
    assert run.verdict == ("too_long", 5) and "limit of tokens" in run.result["reason"] and world.status() == ""


# litellm's table says of this one that it goes on where an answer of its own ends.
GOES_ON = "anthropic/claude-sonnet-4.5"


def test_an_answer_at_its_limit_is_continued_by_a_model_that_can(world):
    world.commit(a__py=A)
    first, rest = CHANGE[: CHANGE.index("\n=======")], CHANGE[CHANGE.index("\n=======") :]
    world.say(Say(first, finish="length"), Say(rest[:8], finish="length"), Say(rest[8:]))
    run = world.run("change a.py", model=GOES_ON)
    assert run.verdict == ("edited", 0) and len(world.server.requests) == 3, run.result["reason"]
    last = world.server.requests[-1]["messages"][-1]
    assert (last["role"], last["content"]) == ("assistant", first + rest[:8])
    assert world.read("a.py") == A.replace("1", "2").encode()
    assert run.result["tokens"] == {"sent": 300, "received": 60}, "each is a call that is paid"


@pytest.mark.parametrize(
    "answers, requests",
    [
        ([Say(CHANGE[:40], finish="length"), Refuse(400, "prefill is not supported by this model")], 2),
        ([Say("<think>on and on", finish="length"), Say(CHANGE)], 1),
        ([Say(" ", finish="length"), Say(CHANGE)], 1),
        ([Say("on and ", finish="length")] * 20, 9),
    ],
)
def test_an_answer_that_is_not_completed_is_too_long(world, answers, requests):
    world.commit(a__py=A)
    world.say(*answers)
    run = world.run("change a.py", model=GOES_ON)
    assert run.verdict == ("too_long", 5) and "limit of tokens" in run.result["reason"] and world.status() == ""
    assert len(world.server.requests) == requests


def test_an_answer_that_a_filter_stopped_is_not_paid_for_again(world):
    world.commit(a__py=A)
    world.say(*[Say(CHANGE, finish="content_filter")] * 2)
    run = world.run("change a.py")
    assert run.verdict == ("model_failed", 3) and "filter" in run.result["reason"]
    assert len(world.server.requests) == 1 and world.status() == ""


def test_an_empty_answer(world):
    world.commit(a__py=A)
    world.say(Say(""))
    run = world.run("change a.py", mode="ask")
    assert run.verdict == ("nonsense", 4) and "empty" in run.result["reason"]


THOUGHT = "<think>\nMaybe so:\n" + CHANGE + "</think>\n"


def test_a_draft_among_thoughts_is_not_applied(world):
    world.commit(a__py=A)
    world.say(Say(THOUGHT + "\nNothing has to change."))
    run = world.run("change a.py")
    assert run.verdict == ("no_change", 1) and world.status() == ""
    assert run.result["answer"] == "Nothing has to change."


def test_the_edit_behind_thoughts_is_applied(world):
    world.commit(a__py=A)
    world.say(Say("<thinking>" + block("a.py", "    return 1\n", "    return 3\n") + "</thinking>" + CHANGE))
    run = world.run("change a.py")
    assert run.verdict == ("edited", 0) and world.read("a.py") == b"def f():\n    return 2\n"


@pytest.mark.parametrize("mode", ["edit", "ask"])
def test_thoughts_without_an_answer(world, mode):
    world.commit(a__py=A)
    world.say(Say("<think>" + CHANGE))
    run = world.run("change a.py", mode=mode)
    assert run.verdict == ("nonsense", 4) and "thought" in run.result["reason"] and world.status() == ""
    assert len(world.server.requests) == 1


def message(**said):
    choice = {"index": 0, "message": {"role": "assistant", "content": None, **said}, "finish_reason": "stop"}
    return Raw(json.dumps({"id": "g", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}).encode())


def events(delta, finish):
    said = [{"index": 0, "delta": delta, "finish_reason": None}, {"index": 0, "delta": {}, "finish_reason": finish}]
    whole = [{"id": "g", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]} for choice in said]
    return Raw(b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in whole) + b"data: [DONE]\n\n", "text/event-stream")


CALL = [{"index": 0, "id": "c", "type": "function", "function": {"name": "edit", "arguments": "{}"}}]


@pytest.mark.parametrize(
    "stream, answer, words",
    [
        (True, events({"role": "assistant", "content": None, "reasoning_content": CHANGE}, "stop"), "thought"),
        (True, events({"role": "assistant", "content": None, "reasoning": CHANGE}, "stop"), "thought"),
        (False, message(reasoning_content=CHANGE), "thought"),
        (True, events({"role": "assistant", "content": None, "tool_calls": CALL}, "tool_calls"), "called a tool"),
        (False, message(tool_calls=CALL), "called a tool"),
    ],
)
def test_what_is_no_answer_is_nonsense_and_is_not_paid_for_again(world, stream, answer, words):
    world.commit(a__py=A)
    world.say(answer)
    run = world.run("change a.py", stream=stream)
    assert run.verdict == ("nonsense", 4) and words in run.result["reason"], run.result
    assert len(world.server.requests) == 1 and world.status() == ""


def test_an_instruction_over_the_window_costs_nothing(world):
    world.commit(a__py=A)
    run = world.run("word " * 30000, limits={"max_input_tokens": 8000})
    assert run.verdict == ("too_long", 5) and "exceeds" in run.result["reason"] and not world.server.requests


def test_no_gateway(world):
    world.commit(a__py=A)
    run = world.run("change a.py", gateway={"socket": "/nonexistent/socket", "token": "secret-word"})
    assert run.verdict == ("model_failed", 3) and "did not answer" in run.result["reason"]
    assert b"secret-word" not in run.raw and "secret-word" not in run.stderr


def test_a_token_in_a_refusal_is_not_repeated(world):
    world.commit(a__py=A)
    world.say(Refuse(401, "bad token task-token-4711"))
    run = world.run("change a.py")
    assert b"task-token-4711" not in run.raw and "bad token ***" in run.result["reason"]


@pytest.mark.parametrize("cold", [False, True])
def test_sigterm_gives_a_result_line_and_143(world, cold):
    world.commit(a__py=A)
    hold = threading.Event()
    world.say(Say(CHANGE, hold=hold))
    run = world.stop_when_answering(world.start(world.job("change a.py"), cold=cold))
    hold.set()
    assert run.code == 143 and run.result["verdict"] == "crashed" and run.result["reason"] == "stopped"
    assert world.status() == ""


@pytest.mark.parametrize(
    "change, words",
    [
        (dict(version=2), "version"),
        (dict(mode="chat"), "mode"),
        (dict(instruction=" \n"), "empty"),
        (dict(instruction=7), "instruction"),
        (dict(instruction="\ud800"), "UTF-8"),
        (dict(tree="relative"), "absolute"),
        (dict(tree="/nonexistent"), "not a folder"),
        (dict(tree="/proc"), "git work tree"),
        (dict(files=["../x"]), "relative"),
        (dict(files=["/etc/passwd"]), "relative"),
        (dict(model=""), "model"),
        (dict(gateway={"token": "t"}), "socket or url"),
        (dict(edit_format="patch"), "edit_format"),
        (dict(limits={"max_input_tokens": -1}), "max_input_tokens"),
        (dict(conversation=[{"role": "system", "content": "x"}]), "role"),
    ],
)
def test_a_bad_job_is_one_clear_sentence(world, change, words):
    world.commit(a__py=A)
    run = world.start({**world.job("change a.py"), **change}).finish()
    assert run.verdict == ("bad_job", 2) and words in run.result["reason"], run.result
    assert not world.server.requests and run.lines == [run.result]


@pytest.mark.parametrize("data, words", [(b"", "JSON"), (b"{", "JSON"), (b"[1]", "object"), (b'{"version":1,"x":"\xff"}', "UTF-8"), (b"[" * 100000, "JSON")])
def test_input_that_is_no_job(world, data, words):
    run = world.start(data).finish()
    assert run.verdict == ("bad_job", 2) and words in run.result["reason"]


def test_scratch_inside_the_tree_is_refused(world):
    world.commit(a__py=A)
    run = world.run("x", scratch=str(world.tree / "s"))
    assert run.verdict == ("bad_job", 2) and not os.path.exists(world.tree / "s")


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("reason", ["complete", "eos", "end_turn", "STOP", "something_new"])
def test_a_reason_that_nobody_knows_is_an_end_like_any_other(world, reason, stream):
    """litellm threw the answer away, which was whole and paid."""
    world.commit(a__py=A)
    world.say(Say(CHANGE, finish=reason))
    run = world.run("change a.py", stream=stream)
    assert run.verdict == ("edited", 0) and len(world.server.requests) == 1


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("reason", ["insufficient_system_resource", "abort", "ERROR"])
def test_a_provider_that_stopped_in_the_middle_is_asked_again(world, reason, stream):
    world.commit(a__py=A)
    world.say(Say("a.py wants\n", finish=reason), Say(CHANGE))
    run = world.run("change a.py", stream=stream)
    assert run.verdict == ("edited", 0) and len(world.server.requests) == 2


@pytest.mark.parametrize("reason", ["refusal", "SAFETY"])
def test_a_filter_by_another_name_is_not_asked_again(world, reason):
    world.commit(a__py=A)
    world.say(Say("No.", finish=reason), Say(CHANGE))
    assert world.run("change a.py").verdict == ("model_failed", 3) and len(world.server.requests) == 1


def test_a_limit_by_another_name_is_one(world):
    world.commit(a__py=A)
    world.say(*[Say("a.py wa", finish="model_length")] * 3)
    assert world.run("change a.py").verdict == ("too_long", 5)


def test_an_answer_of_many_equal_pieces_is_no_loop(world):
    world.commit(a__py=A)
    rows = "0,0,0,0\n" * 300
    world.say(Say(block("t.csv", "", rows), piece=8))
    run = world.run("write t.csv")
    assert run.verdict == ("edited", 0) and world.read("t.csv").decode() == rows and len(world.server.requests) == 1
