"""The fake as a program: python3 tests/fakes/telegram --help."""

import argparse
import ctypes
import os
import signal
import sys
from pathlib import Path

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from telegram import Telegram  # noqa: E402
from telegram.control import Control  # noqa: E402
from telegram.fake import TOKEN  # noqa: E402

PR_SET_PDEATHSIG = 1


def arguments(argv):
    p = argparse.ArgumentParser(prog="telegram", description=__doc__)
    p.add_argument("--port", type=int, default=0, help="0 takes a free one")
    p.add_argument("--control-port", type=int, default=0)
    p.add_argument("--port-file", help="the API's root, then the control's, a line each, when both listen")
    p.add_argument("--token", default=TOKEN)
    p.add_argument("--username", default="mechanic_bot")
    p.add_argument("--pace", type=float, default=1.0, help="multiplies the delays of the webhook's delivery")
    p.add_argument("--only-note", action="store_true", help="note who sends too fast, but let it pass")
    p.add_argument("--die-with-parent", action="store_true")
    return p.parse_args(argv)


def main(argv):
    args = arguments(argv)
    if args.die_with_parent:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    fake = Telegram(args.token, args.username, args.port, args.pace, enforce=not args.only_note)
    control = Control(fake, args.control_port)
    addresses = f"{fake.start()}\n{control.start()}\n"
    if args.port_file:
        part = args.port_file + ".part"
        Path(part).write_text(addresses)
        os.rename(part, args.port_file)
    print("listening " + addresses.replace("\n", " ").strip(), flush=True)
    signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
