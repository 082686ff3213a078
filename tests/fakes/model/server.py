#!/usr/bin/python3
"""A scripted model server that speaks as OpenRouter does. README.md says how to use it."""

import argparse
import ctypes
import http.server
import os
import signal
import socketserver
import sys
from pathlib import Path

from ledger import Ledger, tokens
from routes import Handler, RequestLog
from script import BadScript, Script, text_of

PR_SET_PDEATHSIG = 1


class Options:
    """What the endpoint is like: its models, its prices, its dialect."""

    def __init__(self, args):
        self.args, self.no_cost, self.plain, self.provider = args, args.no_cost, args.no_usage_unless_asked, "Scripted"

    def models(self):
        return [self._model(name) for name in self.args.model or ["persais/scripted"]]

    def _model(self, name):
        a_token = (self.args.price_prompt / 1e6, self.args.price_completion / 1e6)
        model = {
            "id": name, "canonical_slug": name, "name": name, "created": 1700000000, "description": "",
            "context_length": self.args.context,
            "architecture": {"modality": "text->text", "input_modalities": ["text"], "output_modalities": ["text"],
                             "tokenizer": "Other", "instruct_type": None},
            "top_provider": {"context_length": self.args.context, "is_moderated": False,
                             "max_completion_tokens": self.args.max_completion_tokens},
            "supported_parameters": ["max_tokens", "temperature", "top_p", "stop", "seed"],
        }
        if not self.args.no_prices:
            prompt, completion = (f"{price:.12f}".rstrip("0").rstrip(".") for price in a_token)
            model["pricing"] = {"prompt": prompt, "completion": completion, "request": "0", "image": "0"}
        return model

    def refusal(self, body):
        """The message of a 400 for a request that is well formed and cannot be served, or None."""
        names = [model["id"] for model in self.models()]
        if self.args.strict_models and body["model"] not in names:
            return f"{body['model']} is not a valid model ID"
        prompt = sum(tokens(text_of(message)) for message in body["messages"])
        wanted = body.get("max_tokens") or body.get("max_completion_tokens") or 0
        if prompt + wanted > self.args.context:
            return (f"This endpoint's maximum context length is {self.args.context} tokens. However, you requested "
                    f"about {prompt + wanted} tokens ({prompt} of text input, {wanted} in the output). "
                    "Please reduce the length of either one.")
        return None


class World:
    def __init__(self, args):
        self.args, self.options, self.log = args, Options(args), RequestLog(args.log)
        self.ledger = Ledger(args.price_prompt, args.price_completion, args.credit, args.byok, args.late_generations)
        if args.edits_from:
            self.script = Script.answering_edits(args.edits_from)
        else:
            self.script = Script.load(args.script) if args.script else Script({"default": {"reply": "Hello."}})

    def key(self):
        """Read anew each time from a file, so that a test can withdraw a key or give a new one."""
        key = Path(self.args.key_file).read_text().strip() if self.args.key_file else self.args.key
        return key or "\0"  # an empty file: no key is right


class TcpServer(http.server.ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 128

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # HTTPServer would look up the host's name

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, BrokenPipeError)):
            super().handle_error(request, client_address)


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads, request_queue_size = True, 128

    def get_request(self):
        connection, _ = super().get_request()
        return connection, ("unix", 0)


class UnixHandler(Handler):
    disable_nagle_algorithm = False  # a unix socket has none


def arguments(argv):
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--port", type=int, default=0, help="0 takes a free one")
    p.add_argument("--unix", help="listen on this unix socket instead")
    p.add_argument("--port-file", help="the base URL is written here when the server listens")
    p.add_argument("--key", default="sk-or-v1-scripted")
    p.add_argument("--key-file", help="the key is read from here at each request")
    what = p.add_mutually_exclusive_group()
    what.add_argument("--script")
    what.add_argument("--edits-from", metavar="DIR_OR_JSON")
    p.add_argument("--log", help="one JSON line a request")
    p.add_argument("--model", action="append", help="a model that /models lists; may be repeated")
    p.add_argument("--strict-models", action="store_true", help="refuse models that are not listed")
    p.add_argument("--context", type=int, default=1_000_000, help="tokens")
    p.add_argument("--max-completion-tokens", type=int, default=64_000)
    p.add_argument("--price-prompt", type=float, default=3.0, help="dollars a million tokens")
    p.add_argument("--price-completion", type=float, default=15.0, help="dollars a million tokens")
    p.add_argument("--credit", type=float, help="dollars; without it, no limit")
    p.add_argument("--byok", action="store_true", help="own provider key: cost is the fee alone")
    p.add_argument("--no-cost", action="store_true", help="usage without cost")
    p.add_argument("--no-prices", action="store_true", help="/models without pricing")
    p.add_argument("--no-usage-unless-asked", action="store_true", help="as OpenAI itself does")
    p.add_argument("--late-generations", type=int, default=0, help="so many look-ups of a generation find nothing")
    p.add_argument("--die-with-parent", action="store_true")
    return p.parse_args(argv)


def start(args):
    """(server, base URL), listening but not yet serving."""
    world = World(args)
    base = UnixHandler if args.unix else Handler
    handler = type("BoundHandler", (base,), {"world": world})
    if args.unix:
        return UnixServer(args.unix, handler), f"unix:{args.unix}:/api/v1"
    server = TcpServer(("127.0.0.1", args.port), handler)
    return server, f"http://127.0.0.1:{server.server_address[1]}/api/v1"


def main(argv):
    args = arguments(argv)
    if args.die_with_parent:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    try:
        server, url = start(args)
    except (BadScript, OSError, ValueError) as reason:
        print(f"server.py: {reason}", file=sys.stderr)
        return 2

    def leave(*_):
        if args.unix:
            os.unlink(args.unix)
        os._exit(0)  # held and stalled answers would keep threads alive

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    if args.port_file:
        part = args.port_file + ".part"
        Path(part).write_text(url + "\n")
        os.rename(part, args.port_file)  # a reader never sees half of it
    print(f"listening {url}", flush=True)
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
