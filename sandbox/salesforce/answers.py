"""A SOQL tree → rows: names are checked against the schema, values against the fields' types, as Salesforce does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sandbox.salesforce import ids, soql
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.schema import METADATA, NUMBERS, Field, SObject
from sandbox.salesforce.values import printed

if TYPE_CHECKING:
    from sandbox.salesforce.state import Row, Salesforce

_SEE_DESCRIBE = "Please reference your WSDL or the describe call for the appropriate names."
_LIKE_ANY = {"string", "textarea", "picklist", "email", "url"}
_LITERALS = {
    "boolean": {"boolean"},
    "date": {"date", "days"},
    "datetime": {"datetime", "days"},
    **{key: {"number"} for key in NUMBERS},
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class Answer:
    """One query against the org as it is now. `everything` is queryAll: deleted records too."""

    def __init__(self, org: Salesforce, query: soql.Query, version: str, *, everything: bool = False) -> None:
        self.org, self.query, self.version, self.everything = org, query, version, everything
        self.table = self._source(query)
        self._check(query, self.table)

    def records(self) -> list[dict[str, Any]]:
        return [self._project(self.query, self.table, row) for row in self.rows()]

    def rows(self) -> list[Row]:
        return self._select(self.query, self.table, self.org.rows(self.table.name))

    # -- checks: Salesforce refuses a wrong name even where no row would ever use it -------------------------------

    def _source(self, query: soql.Query) -> SObject:
        name = str(query.source)
        found = next((table for key, table in self.org.schema.items() if key.lower() == name.lower()), None)
        if found is None:
            text = (
                f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to "
                f"append the '__c' after the entity name. {_SEE_DESCRIBE}"
            )
            raise soql.error_at(query.text, query.source.at, text, "INVALID_TYPE")
        return found

    def _check(self, query: soql.Query, table: SObject) -> None:
        for item in query.fields:
            if isinstance(item, soql.Query):
                self._check(item, self._child(query, table, item)[0])
            else:
                self._field(query, table, item)
        self._check_condition(query, table, query.where)
        for order in query.order:
            field = self._field(query, table, order.path)
            if not field.filterable:
                text = f"field '{order.path}' can not be sorted in a query call"
                raise soql.error_at(query.text, order.path.at, text)

    def _check_condition(self, query: soql.Query, table: SObject, term: Any) -> None:
        if isinstance(term, soql.Logic):
            for inner in term.terms:
                self._check_condition(query, table, inner)
        elif isinstance(term, soql.Not):
            self._check_condition(query, table, term.term)
        elif isinstance(term, soql.Compare):
            field = self._field(query, table, term.path)
            if not field.filterable:
                text = f"field '{term.path}' can not be filtered in a query call"
                raise soql.error_at(query.text, term.path.at, text)
            for literal in term.values:
                self._check_literal(query, field, term, literal)

    def _check_literal(self, query: soql.Query, field: Field, term: soql.Compare, literal: soql.Literal) -> None:
        if literal.kind == "null":
            return
        if term.op == "like" and field.type not in _LIKE_ANY:
            text = f"invalid operator on {field.type} field"
            raise soql.error_at(query.text, term.path.at, text, "INVALID_QUERY_FILTER_OPERATOR")
        if literal.kind not in _LITERALS.get(field.type, {"string"}):
            quotes = " and should not be enclosed in quotes" if literal.kind == "string" else ""
            quotes = " and should be enclosed in quotes" if field.type not in _LITERALS else quotes
            text = f"value of filter criterion for field '{field.name}' must be of type {field.type}{quotes}"
            raise soql.error_at(query.text, term.path.at, text)
        if field.type in ("id", "reference") and ids.full(literal.value) is None:
            text = f"invalid ID field: {literal.value}"
            raise soql.error_at(query.text, term.path.at, text, "INVALID_QUERY_FILTER_OPERATOR")

    def _field(self, query: soql.Query, table: SObject, path: soql.Path) -> Field:
        for relation in path.names[:-1]:
            way = table.relation(relation)
            if way is None:
                text = (
                    f"Didn't understand relationship '{relation}' in field path. If you are attempting to use a custom "
                    f"relationship, be sure to append the '__r' after the custom relationship name. {_SEE_DESCRIBE}"
                )
                raise soql.error_at(query.text, path.at, text)
            table = self.org.schema[way.refers_to]
        field = table.visible(path.names[-1])
        if field is None:
            text = (
                f"No such column '{path.names[-1]}' on entity '{table.name}'. If you are attempting to use a custom "
                f"field, be sure to append the '__c' after the custom field name. {_SEE_DESCRIBE}"
            )
            raise soql.error_at(query.text, path.at, text)
        return field

    def _child(self, query: soql.Query, table: SObject, inner: soql.Query) -> tuple[SObject, str]:
        name = str(inner.source).lower()
        for relation, (child, reference) in table.children.items():
            if relation.lower() == name:
                return self.org.schema[child], reference
        text = f"Didn't understand relationship '{inner.source}' in FROM part of query call."
        raise soql.error_at(query.text, inner.source.at, text, "INVALID_TYPE")

    # -- rows -----------------------------------------------------------------------------------------------------

    def _select(self, query: soql.Query, table: SObject, rows: list[Row]) -> list[Row]:
        kept = [row for row in rows if self.everything or not row.get("IsDeleted")]
        kept = [row for row in kept if query.where is None or self._holds(table, row, query.where)]
        for order in reversed(query.order):
            kept = self._sorted(table, kept, order)
        end = None if query.limit is None else query.offset + query.limit
        return kept[query.offset : end]

    def _sorted(self, table: SObject, rows: list[Row], order: soql.Order) -> list[Row]:
        empty = [row for row in rows if self._value(table, row, order.path) is None]
        full = [row for row in rows if self._value(table, row, order.path) is not None]
        full.sort(key=lambda row: _plain(self._value(table, row, order.path)), reverse=order.descending)
        return full + empty if order.nulls_last else empty + full

    def _holds(self, table: SObject, row: Row, term: Any) -> bool:
        if isinstance(term, soql.Logic):
            return (all if term.op == "and" else any)(self._holds(table, row, inner) for inner in term.terms)
        if isinstance(term, soql.Not):
            return not self._holds(table, row, term.term)
        value = self._value(table, row, term.path)
        if term.op in ("in", "="):
            return self._is_one_of(value, term)
        if term.op in ("not in", "!="):
            return not self._is_one_of(value, term)
        if term.op == "like":
            return value is not None and re.fullmatch(term.values[0].like, value, re.IGNORECASE | re.DOTALL) is not None
        return value is not None and self._ordered(term.op, value, term.values[0])

    def _is_one_of(self, value: Any, term: soql.Compare) -> bool:
        """Strings are equal in any case, an empty one is null, ids are equal in their short and long form."""
        if isinstance(value, str):
            return value.lower() in term.strings
        return any(self._equal(value, literal) for literal in term.values)

    def _equal(self, value: Any, literal: soql.Literal) -> bool:
        if literal.kind == "days":
            first, last = soql.day_range(literal.value, self.org.now().date())
            return value is not None and first <= _day(value) <= last
        wanted = literal.value or None if literal.kind == "string" else literal.value
        return bool(value == wanted)

    def _ordered(self, op: str, value: Any, literal: soql.Literal) -> bool:
        if literal.kind == "null":
            return False
        if literal.kind == "days":
            first, last = soql.day_range(literal.value, self.org.now().date())
            return _COMPARE[op](_day(value), first if op in ("<", ">=") else last)
        return _COMPARE[op](_plain(value), _plain(literal.value))

    def _value(self, table: SObject, row: Row | None, path: soql.Path) -> Any:
        for relation in path.names[:-1]:
            table, row = self._parent(table, row, relation)
        field = table.visible(path.names[-1])
        return None if row is None or field is None else row[field.name]

    def _parent(self, table: SObject, row: Row | None, relation: str) -> tuple[SObject, Row | None]:
        way = table.relation(relation)
        if way is None:
            raise Refused(400, "INVALID_FIELD", f"no relationship {relation}")
        target = self.org.schema[way.refers_to]
        if row is None or row[way.name] is None:
            return target, None
        if target.name in METADATA:
            return target, next(r for r in self.org.rows(target.name) if r["DurableId"] == row[way.name])
        return target, self.org.tables[target.name].get(row[way.name])

    # -- what is shown --------------------------------------------------------------------------------------------

    def _project(self, query: soql.Query, table: SObject, row: Row) -> dict[str, Any]:
        shown: dict[str, Any] = {"attributes": self._attributes(table, row)}
        for item in query.fields:
            if isinstance(item, soql.Query):
                child, reference = self._child(query, table, item)
                mine = [r for r in self.org.rows(child.name) if r[reference] == row["Id"]]
                found = [self._project(item, child, r) for r in self._select(item, child, mine)]
                shown[str(item.source)] = {"totalSize": len(found), "done": True, "records": found} if found else None
            else:
                self._put(shown, table, row, item.names)
        return shown

    def _put(self, shown: dict[str, Any], table: SObject, row: Row, names: tuple[str, ...]) -> None:
        if len(names) == 1:
            field = table.visible(names[0])
            if field is not None:
                shown[field.name] = printed(row[field.name])
            return
        way = table.relation(names[0])
        target, parent = self._parent(table, row, names[0])
        label = way.relation if way else names[0]
        if parent is None:
            shown[label] = None
            return
        inner = shown.setdefault(label, {"attributes": self._attributes(target, parent)})
        self._put(inner, target, parent, names[1:])

    def _attributes(self, table: SObject, row: Row) -> dict[str, str]:
        key = row.get("Id") or row.get("DurableId")
        return {"type": table.name, "url": f"/services/data/v{self.version}/sobjects/{table.name}/{key}"}


def _plain(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _day(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else value
