"""How the org says no: a status and Salesforce's own code and sentence."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """One error of the REST API. `why` is for the sandbox's page where Salesforce itself says less.

    https://developer.salesforce.com/docs/platform/api-rest/guide/errorcodes.html
    """

    def __init__(self, status: int, code: str, message: str, *, fields: list[str] | None = None, why: str = "") -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message, self.fields = status, code, message, fields
        self.why = why or message

    @property
    def label(self) -> str:
        return self.code or {304: "NOT_MODIFIED", 412: "PRECONDITION_FAILED"}.get(self.status, str(self.status))

    def body(self) -> list[dict[str, Any]] | None:
        """The array that Salesforce sends; None where it sends an empty body (304, 412)."""
        if not self.code:
            return None
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = self.fields
        return [error]


def not_found(why: str = "") -> Refused:
    return Refused(404, "NOT_FOUND", "The requested resource does not exist", why=why)


def malformed_query(message: str) -> Refused:
    return Refused(400, "MALFORMED_QUERY", message)


def bad_json(message: str) -> Refused:
    return Refused(400, "JSON_PARSER_ERROR", message)
