"""The extractor that asks Claude, through the Messages API. The only file that knows the SDK."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from decisionlog.extraction import consistency
from decisionlog.extraction.drafts import (
    Answer,
    Comparison,
    Meeting,
    Pair,
    PermanentError,
    TransientError,
    Usage,
)
from decisionlog.extraction.prompting import (
    MAX_OUTPUT_TOKENS,
    PROMPT_VERSION,
    parse_answer,
    request,
)
from decisionlog.transcripts.transcript import Turn

if TYPE_CHECKING:
    import anthropic

Parsed = TypeVar("Parsed")

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


class ClaudeExtractor:
    """One Messages API call for some turns, or some pairs, with structured output.

    `timeout` is in seconds, for one try; the SDK tries once more by itself after connection
    errors, 408, 409, 429 and 5xx. Answers aren't streamed: they are read whole or not at all, and
    stay below the 21,333 tokens up to which the SDK allows that.
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

        self.model = model
        self.input_tokens = input_tokens
        self._max_output_tokens = max_output_tokens
        self._sdk = anthropic
        self._client = anthropic.Anthropic(
            api_key=api_key, base_url=base_url, timeout=timeout, max_retries=max_retries
        )

    def extract(self, turns: tuple[Turn, ...], meeting: Meeting) -> Answer:
        body = request(turns, meeting, self.model, self._max_output_tokens)
        message = self._send(body)
        if _is_cut(message):
            return Answer((), _usage(message), truncated=True)
        return Answer(_read(message, parse_answer), _usage(message))

    def compare(self, pairs: Sequence[Pair]) -> Comparison:
        message = self._send(consistency.request(pairs, self.model))
        if _is_cut(message):
            raise TransientError("Claude's answer was cut short", usage=_usage(message))
        findings = _read(message, lambda text: consistency.parse_findings(text, pairs))
        return Comparison(findings, _usage(message))

    def _send(self, body: dict[str, Any]) -> "anthropic.types.Message":
        try:
            message = self._client.messages.create(**body)
        except self._sdk.APIStatusError as error:
            raise _of_status(error) from None
        except self._sdk.APITimeoutError as error:
            raise TransientError("Anthropic did not answer in time") from error
        except self._sdk.APIConnectionError as error:
            raise TransientError("Anthropic could not be reached") from error
        except (self._sdk.APIError, ValueError) as error:
            raise TransientError("Anthropic sent something that is no answer") from error
        if not isinstance(message, self._sdk.types.Message) or message.content is None:
            raise TransientError("Anthropic sent something that is no answer")
        return message


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
