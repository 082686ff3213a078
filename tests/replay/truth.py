"""Whether a replay came out as it had to: the pushed tree, and what the checks say."""

import subprocess
from dataclasses import dataclass

import git_side


@dataclass
class Judged:
    equal: bool = False
    difference: str = ""  # the first one
    wanted: str = ""  # the verdicts that would be right
    fine: bool = False


def judge(at_work, expected, told, args):
    judged = Judged()
    verdict, branch = told.result.get("verdict"), told.result.get("branch")
    if not branch:
        judged.difference = f"nothing was pushed ({verdict or 'no result'}: {told.result.get('reason') or told.errors or told.code})"
    else:
        pushed = at_work.pushed_tree(branch)
        judged.equal = pushed == expected
        if not judged.equal:
            judged.difference = next(map(_words, at_work.differences(expected, pushed)))
    wanted = wanted_verdicts(at_work, expected, args)
    judged.wanted = " or ".join(wanted)
    judged.fine = judged.equal and verdict in wanted
    return judged


def wanted_verdicts(at_work, expected, args):
    """The checks are run here too, outside of any sandbox, on the tree that is expected."""
    if not args.check:
        return ("ready", "ready_unchecked", "tests_red", "checks_could_not_run") if args.guess else ("ready",)
    tree = at_work.checkout(expected, at_work.folder / "truth")
    codes = [subprocess.run(["sh", "-c", command], cwd=tree, env=git_side.ENVIRONMENT, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
             for command in (args.setup or "true", args.check)]
    if codes[0] or codes[1] in (126, 127):
        return ("checks_could_not_run",)
    return ("tests_red",) if codes[1] else ("ready",)


def _words(difference):
    path, status, expected, pushed = difference
    if expected is None or pushed is None or expected == pushed:
        return f"{path}: {status}"
    at = next((i for i, (a, b) in enumerate(zip(expected, pushed)) if a != b), min(len(expected), len(pushed)))
    start = max(at - 20, 0)
    return (f"{path}: at byte {at} (line {expected.count(bytes([10]), 0, at) + 1}) {expected[start:at + 20]!r} expected, "
            f"{pushed[start:at + 20]!r} pushed")
