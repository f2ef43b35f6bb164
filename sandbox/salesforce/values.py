"""Field values: what the API accepts for a field of a type, and how it prints it."""

from __future__ import annotations

import html
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sandbox.salesforce import ids
from sandbox.salesforce.errors import Refused, bad_json
from sandbox.salesforce.schema import NUMBERS, Field, SObject

if TYPE_CHECKING:
    from sandbox.salesforce.state import Salesforce


def coerce(org: Salesforce, table: SObject, fields: dict[str, Any], *, system: bool = False) -> dict[str, Any]:
    """The values as the org keeps them. `system` writes what only Salesforce itself may write (seed data)."""
    clean: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "attributes":
            continue
        field = table.visible(name)
        if field is None:
            raise Refused(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {table.name}")
        if not system and (not field.writable or field.calculated or not table.writable):
            raise _not_writable(field)
        clean[field.name] = _value(org, table, field, value)
    return clean


def _not_writable(field: Field) -> Refused:
    text = (
        f"Unable to create/update fields: {field.name}. Please check the security settings of this field and verify "
        "that it is read/write for your profile or permission set."
    )
    return Refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE", text, fields=[field.name])


def _value(org: Salesforce, table: SObject, field: Field, value: Any) -> Any:
    if value is None or value == "":
        if field.required:
            text = f"Required fields are missing: [{field.name}]"
            raise Refused(400, "REQUIRED_FIELD_MISSING", text, fields=[field.name])
        return False if field.type == "boolean" else None
    if field.type == "boolean":
        return _typed(field, value, isinstance(value, bool))
    if field.type in NUMBERS:
        return float(_typed(field, value, not isinstance(value, (bool, str))))
    if field.type == "date":
        return _date(field, value)
    if field.type == "datetime":
        return _datetime(field, value)
    _typed(field, value, isinstance(value, str))
    if field.type == "reference":
        return _reference(org, table, field, value)
    if field.type == "picklist" and field.restricted and value not in field.values:
        text = html.escape(f"{field.label}: bad value for restricted picklist field: {value}", quote=True)
        text = text.replace("&#x27;", "&#39;")
        raise Refused(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", text, fields=[field.name])
    if len(value) > field.length:
        text = f"{field.label}: data value too large: {html.escape(value)} (max length={field.length})"
        raise Refused(400, "STRING_TOO_LONG", text, fields=[field.name])
    return value


def _typed(field: Field, value: Any, right: bool) -> Any:
    if not right:
        kind = "VALUE_STRING" if isinstance(value, str) else "VALUE_TRUE" if value is True else "START_OBJECT"
        kind = "VALUE_NUMBER_INT" if isinstance(value, int) and not isinstance(value, bool) else kind
        raise bad_json(f"Cannot deserialize instance of {field.type} from {kind} value {value} in field {field.name}")
    return value


def _date(field: Field, value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise bad_json(f"Cannot deserialize instance of date from VALUE_STRING value {value} in {field.name}") from None


def _datetime(field: Field, value: Any) -> datetime:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise bad_json(f"Cannot deserialize instance of datetime from VALUE_STRING value {value} in {field.name}")
    return moment.astimezone(UTC).replace(microsecond=0)


def _reference(org: Salesforce, table: SObject, field: Field, value: str) -> str:
    full = ids.full(value)
    target = org.schema[field.refers_to]
    if full is None or not full.startswith(target.prefix):
        text = f"{field.label}: id value of incorrect type: {value}"
        raise Refused(400, "MALFORMED_ID", text, fields=[field.name])
    row = org.tables[target.name].get(full)
    if row is None or row.get("IsDeleted"):
        raise Refused(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[])
    if field.name == "OwnerId" and not row["IsActive"]:
        text = f"operation performed with inactive user [{full[:15]}] as owner of {table.name.lower()}"
        raise Refused(400, "INACTIVE_OWNER_OR_USER", text, fields=[])
    return full


def printed(value: Any) -> Any:
    """A value as JSON shows it: 2026-01-02T03:04:05.000+0000."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    if isinstance(value, date):
        return value.isoformat()
    return value
