"""Conditional reads: a caller that holds an answer already is told so, not sent it again.

RFC 9110, 8.8.3 and 13.1.2. No cache on the way may keep an answer (`no-store`), so this is for
frontends that keep it in memory themselves.
"""

from flask import Flask, Response, request


def _answer_not_modified(response: Response) -> Response:
    if response.status_code != 200 or response.is_streamed or not response.is_json:
        return response
    if request.method in ("GET", "HEAD"):
        response.add_etag()
        response.make_conditional(request)
        # The server's own header; a second one would be wrong.
        response.headers.pop("Date", None)
    return response


def init_app(app: Flask) -> None:
    app.after_request(_answer_not_modified)
