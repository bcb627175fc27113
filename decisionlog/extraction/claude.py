"""The extractor that asks Claude, through the Messages API or by Message Batches. The only file
that knows the SDK."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from decisionlog.extraction import consistency
from decisionlog.extraction.chunking import tokens, turn_tokens
from decisionlog.extraction.drafts import (
    Answer,
    BatchGone,
    Comparison,
    ExtractionError,
    Meeting,
    Pair,
    PermanentError,
    TransientError,
    Usage,
)
from decisionlog.extraction.prompting import (
    MAX_OUTPUT_TOKENS,
    PROMPT_VERSION,
    answer_schema,
    parse_answer,
    prompt,
    request,
)
from decisionlog.transcripts.transcript import Turn

if TYPE_CHECKING:
    import anthropic

Parsed = TypeVar("Parsed")
Result = TypeVar("Result")

DEFAULT_MODEL = "claude-sonnet-5-5"
TIMEOUT_SECONDS = 300.0  # the longest answer at the slowest usual 70 tokens a second
INPUT_TOKENS = 60_000  # four hours of talk; attention and answers get worse far beyond that

_WHAT_TO_DO = {
    400: "Anthropic refused the request as invalid (400); check EXTRACTION_MODEL and the "
    "account's credit",
    401: "Anthropic refused the API key (401); check ANTHROPIC_API_KEY",
    402: "Anthropic reports a billing problem (402); check the account's credit",
    403: "the API key may not use this model (403); check the key's workspace",
    404: "Anthropic knows no such model or address (404); check EXTRACTION_MODEL and "
    "ANTHROPIC_BASE_URL",
    413: "the request is too large for the API (413); send the meeting in shorter pieces",
}
# What a request of a batch ended with, by the status that it would have had by itself.
_STATUS_OF_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
}
_NO_ANSWER = "Anthropic sent something that is no answer"


class ClaudeExtractor:
    """One Messages API call for some turns, or some pairs, with structured output.

    `timeout` is in seconds, for one try; the SDK tries once more by itself after connection
    errors, 408, 409, 429 and 5xx, but not where it is about batches. Answers aren't streamed: they
    are read whole or not at all, and stay below the 21,333 tokens up to which the SDK allows that.
    """

    name = "claude"
    prompt_version = PROMPT_VERSION
    comparison_prompt_version = consistency.PROMPT_VERSION

    def __init__(
        self,
        api_key: str,
        model: str = DEFAULT_MODEL,
        base_url: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
        max_output_tokens: int = MAX_OUTPUT_TOKENS,
        max_retries: int = 1,
        input_tokens: int | None = INPUT_TOKENS,
    ):
        # The SDK takes most of a second to import, which commands that don't extract never pay.
        import anthropic
        import httpx2

        self.model = model
        self.input_tokens = input_tokens
        self._max_output_tokens = max_output_tokens
        self._sdk = anthropic
        # Those that the SDK lets through while a file of results comes in.
        self._transport_error = httpx2.HTTPError
        self._client = anthropic.Anthropic(
            api_key=api_key, base_url=base_url, timeout=timeout, max_retries=max_retries
        )
        # A second try might make a second batch, since the API knows no idempotency key, and would
        # sleep for as long as the service asks: a look that fails is better taken again later.
        self._batches = self._client.with_options(max_retries=0).messages.batches

    def extract(self, turns: tuple[Turn, ...], meeting: Meeting) -> Answer:
        body = request(turns, meeting, self.model, self._max_output_tokens)
        return self._answer(self._call(lambda: self._client.messages.create(**body)))

    def compare(self, pairs: Sequence[Pair]) -> Comparison:
        body = consistency.request(pairs, self.model)
        message = self._message(self._call(lambda: self._client.messages.create(**body)))
        if _is_cut(message):
            raise TransientError("Claude's answer was cut short", usage=_usage(message))
        findings = _read(message, lambda text: consistency.parse_findings(text, pairs))
        return Comparison(findings, _usage(message))

    def send(self, parts: Mapping[str, tuple[Turn, ...]], meeting: Meeting) -> str:
        requests = [
            {
                "custom_id": name,
                "params": request(turns, meeting, self.model, self._max_output_tokens),
            }
            for name, turns in parts.items()
        ]
        batch = self._call(lambda: self._batches.create(requests=requests))
        batch_id = getattr(batch, "id", None)
        if not isinstance(batch_id, str):
            raise TransientError(_NO_ANSWER)
        return batch_id

    def collect(self, batch_id: str) -> dict[str, Answer | ExtractionError] | None:
        try:
            lines = self._call(lambda: self._lines(batch_id))
            if lines is None:
                return None
            return {line.custom_id: self._result(line.result) for line in lines}
        except AttributeError:
            # The SDK checks no lines: what is missing shows where it is looked for.
            raise TransientError(_NO_ANSWER) from None

    def cancel(self, batch_id: str) -> None:
        with suppress(ExtractionError):
            self._call(lambda: self._batches.cancel(batch_id))

    def at_most(self, turns: tuple[Turn, ...]) -> Usage:
        instructions = tokens(prompt()) + tokens(str(answer_schema()))
        return Usage(
            input=sum(map(turn_tokens, turns)),
            output=self._max_output_tokens,
            cache_write=instructions,
        )

    def _lines(
        self, batch_id: str
    ) -> "list[anthropic.types.messages.MessageBatchIndividualResponse] | None":
        """The lines of an ended batch's file, None before. Raises BatchGone."""
        try:
            batch = self._batches.retrieve(batch_id)
            status = getattr(batch, "processing_status", None)
            if status in ("in_progress", "canceling"):
                return None
            if status != "ended":
                raise TransientError(_NO_ANSWER)
            if batch.results_url is None:
                raise BatchGone("Anthropic no longer keeps the answers of this batch")
            lines = list(self._batches.results(batch_id))
        except self._sdk.NotFoundError:
            raise BatchGone(
                "Anthropic knows no such batch; it may be of another workspace's key"
            ) from None
        if len(lines) < sum(batch.request_counts.model_dump().values()):
            raise TransientError("Anthropic's file of answers broke off")
        return lines

    def _result(self, result: Any) -> Answer | ExtractionError:
        if result.type == "succeeded":
            try:
                return self._answer(result.message)
            except ExtractionError as error:
                return error
        if result.type == "errored":
            return _of_type(result.error.error.type)
        if result.type == "expired":
            return TransientError("Anthropic did not get to this batch within its 24 hours")
        if result.type == "canceled":
            return TransientError("The batch was cancelled before Claude had answered")
        return TransientError(_NO_ANSWER)

    def _answer(self, came: Any) -> Answer:
        message = self._message(came)
        if _is_cut(message):
            return Answer((), _usage(message), truncated=True)
        return Answer(_read(message, parse_answer), _usage(message))

    def _message(self, came: Any) -> "anthropic.types.Message":
        if not isinstance(came, self._sdk.types.Message) or came.content is None:
            raise TransientError(_NO_ANSWER)
        return came

    def _call(self, call: Callable[[], Result]) -> Result:
        """What the SDK returns, its errors as ours."""
        try:
            return call()
        except self._sdk.APIStatusError as error:
            raise _of_status(error) from None
        except self._sdk.APITimeoutError as error:
            raise TransientError("Anthropic did not answer in time") from error
        except (self._sdk.APIConnectionError, self._transport_error) as error:
            raise TransientError("Anthropic could not be reached") from error
        except (self._sdk.AnthropicError, ValueError) as error:
            raise TransientError(_NO_ANSWER) from error


def _is_cut(message: "anthropic.types.Message") -> bool:
    return message.stop_reason in ("max_tokens", "model_context_window_exceeded")


def _read(message: "anthropic.types.Message", parse: Callable[[str], Parsed]) -> Parsed:
    """Why it stopped comes before what it says: a refusal may look like an answer."""
    usage = _usage(message)
    if message.stop_reason == "refusal":
        raise PermanentError(
            "Claude refused to read this transcript; see whether its content breaks "
            "Anthropic's usage policy, or try another EXTRACTION_MODEL",
            usage,
        )
    text = "".join(block.text for block in message.content if block.type == "text")
    try:
        return parse(text)
    except ValueError:
        # Structured output makes this rare and another try may well go right; the job bounds
        # the tries. No `from`: the cause quotes the answer, and so perhaps the transcript.
        raise TransientError("Claude's answer was not of the agreed form", usage=usage) from None


def _of_status(error: "anthropic.APIStatusError") -> TransientError | PermanentError:
    status = error.status_code
    if status in (408, 409, 429) or status >= 500:
        return TransientError(f"Anthropic is busy or out of order ({status})", _retry_after(error))
    what_to_do = _WHAT_TO_DO.get(status, f"Anthropic refused the request ({status})")
    return PermanentError(f"{what_to_do} (request {error.request_id or 'without id'})")


def _of_type(name: str) -> TransientError | PermanentError:
    """The error that a request of a batch ended with, by its type's name."""
    status = _STATUS_OF_TYPE.get(name)
    if status is None:
        return TransientError(f"Anthropic is busy or out of order ({name})")
    return PermanentError(_WHAT_TO_DO[status])


def _retry_after(error: "anthropic.APIStatusError") -> float | None:
    """Seconds. The header may also hold a date, which Anthropic doesn't send: no wish then."""
    try:
        seconds = float(error.response.headers["retry-after"])
    except (KeyError, ValueError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _usage(message: "anthropic.types.Message") -> Usage:
    usage = message.usage
    if usage is None:
        return Usage()
    return Usage(
        input=usage.input_tokens or 0,
        output=usage.output_tokens or 0,
        cache_read=usage.cache_read_input_tokens or 0,
        cache_write=usage.cache_creation_input_tokens or 0,
    )
