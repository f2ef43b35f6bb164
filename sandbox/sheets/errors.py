"""Google's error answers, word for word where they were recorded; `why` says the same for the sandbox's page."""

from __future__ import annotations

from typing import Any

PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class Refused(Exception):
    """An answer with an error in Google's shape: https://cloud.google.com/apis/design/errors#http_mapping"""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        details: list[dict[str, Any]] | None = None,
        why: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details or []
        self.why = why or message
        self.headers = headers or {}

    @property
    def code(self) -> str:
        return STATUSES[self.status]

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.status, "message": self.message, "status": self.code}
        if self.details:
            error["details"] = self.details
        return {"error": error}

    def inside(self, prefix: str) -> Refused:
        """The same refusal as Google words it when it is one request of a batch: `Invalid requests[0].kind: …`."""
        return Refused(self.status, f"{prefix}{self.message}", details=self.details, why=self.why, headers=self.headers)


def invalid(message: str, why: str = "") -> Refused:
    return Refused(400, message, why=why)


def bad_payload(field: str, description: str, why: str = "") -> Refused:
    """A request whose JSON does not fit the API's messages, with the field violation that Google adds."""
    violation: dict[str, Any] = {"description": description}
    if field:
        violation = {"field": field, **violation}
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}]
    return Refused(400, description, details=details, why=why)


def bad_fields(fields: str, path: str) -> Refused:
    description = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    details = [
        {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": fields, "description": description}],
        }
    ]
    return Refused(400, "Request contains an invalid argument.", details=details, why=description)


def no_such_spreadsheet() -> Refused:
    return Refused(404, "Requested entity was not found.", why="There is no spreadsheet with this id.")


def not_shared(email: str) -> Refused:
    return Refused(
        403, "The caller does not have permission", why=f"The spreadsheet is not shared with {email} for this."
    )


def too_many(kind: str, per_minute: int, retry_after: float | None = None) -> Refused:
    """The per-minute quota: https://developers.google.com/sheets/api/limits (the real one sends no Retry-After)."""
    name = kind.capitalize()
    message = (
        f"Quota exceeded for quota metric '{name} requests' and limit '{name} requests per minute per user' "
        "of service 'sheets.googleapis.com' for consumer 'project_number:100000000000'."
    )
    metadata = {
        "quota_location": "global",
        "service": "sheets.googleapis.com",
        "quota_limit_value": str(per_minute),
        "quota_limit": f"{name}RequestsPerMinutePerUser",
        "consumer": "projects/100000000000",
        "quota_metric": f"sheets.googleapis.com/{kind}_requests",
    }
    info: dict[str, Any] = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": metadata,
    }
    link = {
        "description": "Request a higher quota limit.",
        "url": "https://cloud.google.com/docs/quota#requesting_higher_quota",
    }
    details = [info, {"@type": "type.googleapis.com/google.rpc.Help", "links": [link]}]
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:.0f}"}
    return Refused(
        429, message, details=details, why=f"More than {per_minute} {kind} requests in this minute.", headers=headers
    )
