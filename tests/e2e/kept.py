"""Work with processes of its own, below a keeper which every orphan of it is given to: however the work ends, also by SIGKILL, the
keeper ends what is left of it and removes its folder; what is left after an end in order is a failure."""

import ctypes
import os
import select
import shutil
import signal
import sys
import tempfile
import traceback

import processes
import remains

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIBC = ctypes.CDLL(None)


def _work(what):
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
        signal.signal(number, handler)
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    code = 1
    try:
        code = what()
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _keep(what, life, folder):
    """The exit code. `life` is at its end when the process that the caller knows is gone."""
    os.setsid()  # a Ctrl-C is for the work
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    before = remains.snapshot()
    worker = os.fork()
    if worker == 0:
        os._exit(_work(what))
    ended = os.pidfd_open(worker)
    select.select([ended, life], [], [])
    code = 1
    if select.select([ended], [], [], 0)[0]:
        code = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
        left = remains.since(before, folder)
        for line in left:
            print(f"left behind: {line}", file=sys.stderr)
        code = code or bool(left)
    processes.end_all()
    shutil.rmtree(folder, ignore_errors=True)
    return code


def kept(what, prefix):
    """`what()` gives an exit code; its folder is in E2E_FOLDER. Gives the code of it all."""
    folder = tempfile.mkdtemp(prefix=prefix)
    os.chmod(folder, 0o755)  # the database and the sandbox run as users of their own
    os.environ["E2E_FOLDER"] = folder
    life_read, life_write = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        os.close(life_write)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # it ends when all others have
        code = 1
        try:
            code = _keep(what, life_read, folder)
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(life_read)
    os.set_inheritable(life_write, False)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    return os.waitstatus_to_exitcode(os.waitpid(keeper, 0)[1])
