"""The only way out: an HTTP client that reaches the gateway and nothing else, and remembers how each call ended."""

import json
import sys
from dataclasses import dataclass

import httpx

from . import endings, limits, sse


class ModelFailed(Exception):
    """The message is one sentence for a person. `broken`: an answer began and broke off."""

    def __init__(self, reason: str, status: int | None = None, broken: bool = False):
        super().__init__(reason)
        self.status = status
        self.broken = broken


@dataclass
class Call:
    answer: sse.Answer | None = None
    status: int | None = None
    trouble: str | None = None


class Gateway:
    """`alive` is called for every piece of an answer that arrives."""

    def __init__(self, socket: str | None, url: str | None, token: str, timeout: float, alive):
        self.base_url = url or "http://gateway/v1"
        self.token = token
        self.calls: list[Call] = []
        self.meanwhile = lambda: None  # called when a request goes out
        self._alive = alive
        self._timeout = timeout
        # Reading the certificates of all authorities takes longer than all else here; a socket and plain HTTP need none.
        inner = httpx.HTTPTransport(uds=socket, retries=0, verify=self.base_url.startswith("https:"))
        self.client = httpx.Client(
            transport=Watched(inner, httpx.URL(self.base_url).netloc, self),
            trust_env=False,
            timeout=httpx.Timeout(timeout, connect=limits.CONNECT_TIMEOUT_SECONDS),
        )

    def seen(self, chunk: bytes) -> None:
        self._alive()

    def explain(self, err: Exception, calls_before: int) -> ModelFailed:
        """What a failed request means, from the call itself where there was one."""
        if len(self.calls) <= calls_before:
            return ModelFailed(f"The request to the model could not be made: {self._clean(err)}")
        call = self.calls[-1]
        if call.status is None:
            return ModelFailed(f"The model's gateway did not answer: {self._clean(call.trouble or err)}")
        if call.status >= 400:
            return ModelFailed(
                f"The model's gateway answered {call.status}: {self._clean(call.trouble or 'no reason given')}", call.status
            )
        if call.answer and call.answer.error:
            again = not call.answer.filtered
            return ModelFailed(f"The model's answer ended with an error: {self._clean(call.answer.error)}", broken=again)
        if call.answer and not call.answer.whole:
            return ModelFailed(f"The model's answer was cut off{self._detail(call)}.", broken=True)
        return ModelFailed(f"The model's answer could not be read: {self._clean(err)}")

    def usage(self) -> tuple[int, int]:
        """Tokens (sent, received) that the answers themselves reported."""
        answers = [call.answer for call in self.calls if call.answer]
        return sum(a.sent or 0 for a in answers), sum(a.received or 0 for a in answers)

    def _detail(self, call: Call) -> str:
        return f" ({self._clean(call.trouble)})" if call.trouble else ""

    def _clean(self, what) -> str:
        text = " ".join(str(what).split()) or type(what).__name__
        return text.replace(self.token, "***")[: limits.REASON_CHARACTERS - 100]


class Watched(httpx.BaseTransport):
    def __init__(self, inner: httpx.BaseTransport, netloc: bytes, gateway: Gateway):
        self._inner = inner
        self._netloc = netloc
        self._gateway = gateway

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.netloc != self._netloc:
            raise httpx.UnsupportedProtocol("only the gateway may be reached")
        # The bytes are watched as they pass, so they must not be compressed.
        request.headers["accept-encoding"] = "identity"
        call = Call()
        self._gateway.calls.append(call)
        self._gateway.meanwhile()
        try:
            response = self._inner.handle_request(request)
        except httpx.TransportError as err:
            call.trouble = str(err) or type(err).__name__
            raise
        call.status = response.status_code
        if response.status_code >= 400:
            stream = _ErrorBody(response.stream, call)
        else:
            kind = response.headers.get("content-type", "")
            reader = sse.Stream() if kind.startswith("text/event-stream") else sse.Body()
            call.answer = reader.answer
            stream = _AnswerBody(response.stream, call, reader, self._gateway)
        return httpx.Response(
            response.status_code, headers=response.headers, stream=stream, extensions=response.extensions
        )

    def close(self) -> None:
        self._inner.close()


class _AnswerBody(httpx.SyncByteStream):
    def __init__(self, inner, call: Call, reader, gateway: Gateway):
        self._inner, self._call, self._reader, self._gateway = inner, call, reader, gateway

    def __iter__(self):
        try:
            for chunk in self._inner:
                self._gateway.seen(chunk)
                self._reader.feed(chunk)
                # Raised at once and not only at the end, so that nothing after an error is shown.
                if self._call.answer.error:
                    raise httpx.RemoteProtocolError(self._call.answer.error)
                yield chunk
        except httpx.TransportError as err:
            self._call.trouble = str(err) or type(err).__name__
            raise
        self._reader.end()
        if not self._call.answer.whole:
            raise httpx.RemoteProtocolError(self._call.answer.error or "the answer ended too early")

    def close(self) -> None:
        self._inner.close()


class _ErrorBody(httpx.SyncByteStream):
    def __init__(self, inner, call: Call):
        self._inner, self._call = inner, call

    def __iter__(self):
        kept = bytearray()
        for chunk in self._inner:
            if len(kept) < limits.ERROR_BODY_BYTES:
                kept += chunk
            yield chunk
        try:
            self._call.trouble = sse.error_text(json.loads(kept))
        except (ValueError, RecursionError):
            pass
        self._call.trouble = self._call.trouble or kept.decode("utf-8", "replace").strip() or None

    def close(self) -> None:
        self._inner.close()


def install(gateway: Gateway, model_names: list[str]) -> dict[str, dict | None]:
    """Puts the client under litellm, before its first call. Gives what `forget` needs to take that back."""
    import litellm
    from litellm.litellm_core_utils import thread_pool_executor

    before = {key: litellm.model_cost.get(key) for name in model_names for key in (name, f"openai/{name}")}
    for name in before:
        # litellm's own table sends some of OpenAI's models (gpt-5-pro, o1-pro, every codex) to another address,
        # /responses, which OpenRouter's names do not have. What is said here goes before the table.
        plain = {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0}
        litellm.model_cost[name] = plain

    litellm.client_session = gateway.client
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    # Without these litellm puts each streamed answer together a second time to count its tokens, and for some
    # names (gpt-4o, llama-3) fetches a tokenizer first: without a network such an answer was lost.
    litellm.disable_streaming_logging = True
    litellm.disable_token_counter = True
    litellm.disable_hf_tokenizer_download = True
    # After a hundred pieces that are the same litellm says that the model is in a loop: rows of a table are, too. What
    # a loop may cost is bounded by the limit of tokens.
    litellm.REPEATED_STREAMING_CHUNK_LIMIT = sys.maxsize
    # What litellm gives to threads of its own are reports to callbacks, and there are none. A process that is to be forked has
    # one thread.
    thread_pool_executor.executor.submit = lambda *work, **more: None
    endings.install()
    return before


def forget(before: dict[str, dict | None]) -> None:
    """Takes back what `install` did for one run, so that the next one begins anew."""
    import litellm

    for name, known in before.items():
        if known is None:
            del litellm.model_cost[name]
        else:
            litellm.model_cost[name] = known
    litellm.client_session = None
    litellm.in_memory_llm_clients_cache.flush_cache()
