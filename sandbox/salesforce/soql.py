"""SOQL text → a tree. A recursive-descent parser for what the bot (and a careful foreign client) asks.

https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm
Aggregates, GROUP BY, TYPEOF, FIELDS() and scopes are refused as malformed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from sandbox.salesforce import ids
from sandbox.salesforce.errors import Refused, malformed_query

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?P<zone>Z|[+-]\d\d:?\d\d)?)
    | (?P<date>\d{4}-\d\d-\d\d)
    | (?P<number>[+-]?\d+(?:\.\d+)?)
    | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    | (?P<op><=|>=|!=|<>|[=<>(),:])
    )""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}
_DAYS = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    at: int


@dataclass(frozen=True)
class Literal:
    kind: str  # string number boolean null date datetime day days
    value: Any
    like: str = ""  # a string as LIKE reads it, \% and \_ kept


@dataclass(frozen=True)
class Path:
    names: tuple[str, ...]
    at: int  # where it stands in the text, for error messages

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True)
class Compare:
    path: Path
    op: str  # = != < <= > >= like in "not in"
    values: tuple[Literal, ...]

    @cached_property
    def strings(self) -> frozenset[str]:
        """The wanted strings in small letters, ids in their long form: long lists of ids are searched for every row."""
        texts = [literal.value for literal in self.values if literal.kind == "string"]
        return frozenset(text.lower() for text in (*texts, *(ids.full(text) or text for text in texts)))


@dataclass(frozen=True)
class Not:
    term: Any


@dataclass(frozen=True)
class Logic:
    op: str  # and | or
    terms: tuple[Any, ...]


@dataclass(frozen=True)
class Order:
    path: Path
    descending: bool
    nulls_last: bool


@dataclass
class Query:
    text: str
    fields: list[Path | Query]
    source: Path
    count: bool = False
    where: Any = None
    order: list[Order] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0


def parse(text: str) -> Query:
    parser = _Parser(text)
    query = parser.query()
    if parser.token.kind != "end":
        raise parser.unexpected()
    return query


def error_at(text: str, at: int, message: str, code: str = "INVALID_FIELD") -> Refused:
    """Salesforce's way of pointing into the query: its text, a caret, then row and column."""
    shown = f"\n{text}\n{' ' * at}^\nERROR at Row:1:Column:{at + 1}\n{message}"
    return Refused(400, code, shown, why=message)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = list(_tokens(text))
        self.position = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def unexpected(self) -> Refused:
        if self.token.kind == "end":
            return malformed_query("unexpected token: <EOF>")
        return error_at(self.text, self.token.at, f"unexpected token: '{self.token.text}'", "MALFORMED_QUERY")

    def take(self) -> Token:
        self.position += 1
        return self.tokens[self.position - 1]

    def word(self, *words: str) -> bool:
        """Take these words if they come next."""
        ahead = self.tokens[self.position : self.position + len(words)]
        if [t.text.upper() for t in ahead] != list(words) or any(t.kind == "string" for t in ahead):
            return False
        self.position += len(words)
        return True

    def need(self, word: str) -> None:
        if not self.word(word):
            raise self.unexpected()

    def path(self) -> Path:
        if self.token.kind != "name":
            raise self.unexpected()
        token = self.take()
        return Path(tuple(token.text.split(".")), token.at)

    def number(self) -> int:
        if self.token.kind != "number" or not self.token.text.isdigit():
            raise self.unexpected()
        return int(self.take().text)

    def query(self) -> Query:
        self.need("SELECT")
        query = Query(self.text, [], Path((), 0))
        if self.word("COUNT", "(", ")"):
            query.count = True
        else:
            query.fields.append(self.selected())
            while self.word(","):
                query.fields.append(self.selected())
        self.need("FROM")
        query.source = self.path()
        if self.word("WHERE"):
            query.where = self.condition()
        if self.word("ORDER", "BY"):
            query.order.append(self.ordering())
            while self.word(","):
                query.order.append(self.ordering())
        if self.word("LIMIT"):
            query.limit = self.number()
        if self.word("OFFSET"):
            query.offset = self.number()
        return query

    def selected(self) -> Path | Query:
        if not self.word("("):
            return self.path()
        inner = self.query()
        self.need(")")
        return inner

    def condition(self) -> Any:
        """Terms joined by AND or by OR; Salesforce wants parentheses where both are mixed."""
        terms = [self.term()]
        joined = ""
        while self.token.text.upper() in ("AND", "OR") and self.token.kind == "name":
            if joined and self.token.text.upper() != joined:
                raise self.unexpected()
            joined = self.take().text.upper()
            terms.append(self.term())
        return terms[0] if len(terms) == 1 else Logic(joined.lower(), tuple(terms))

    def term(self) -> Any:
        if self.word("NOT"):
            return Not(self.term())
        if self.word("("):
            inner = self.condition()
            self.need(")")
            return inner
        return self.comparison()

    def comparison(self) -> Compare:
        path = self.path()
        if self.word("NOT", "IN"):
            return Compare(path, "not in", self.values())
        if self.word("IN"):
            return Compare(path, "in", self.values())
        if self.word("LIKE"):
            if self.token.kind != "string":
                raise self.unexpected()
            return Compare(path, "like", (self.literal(),))
        if self.token.text not in ("=", "!=", "<>", "<", "<=", ">", ">="):
            raise self.unexpected()
        op = self.take().text
        return Compare(path, "!=" if op == "<>" else op, (self.literal(),))

    def values(self) -> tuple[Literal, ...]:
        self.need("(")
        found = [self.literal()]
        while self.word(","):
            found.append(self.literal())
        self.need(")")
        return tuple(found)

    def literal(self) -> Literal:
        token = self.token
        if token.kind in ("string", "number", "date", "datetime"):
            self.take()
            return _literal(self.text, token)
        word = token.text.upper()
        if token.kind != "name":
            raise self.unexpected()
        self.take()
        if word in ("TRUE", "FALSE", "NULL"):
            return Literal("null", None) if word == "NULL" else Literal("boolean", word == "TRUE")
        if word in _DAYS:
            return Literal("days", (_DAYS[word], _DAYS[word]))
        if word in ("LAST_N_DAYS", "NEXT_N_DAYS"):
            self.need(":")
            days = self.number()
            return Literal("days", (-days, 0) if word == "LAST_N_DAYS" else (1, days))
        self.position -= 1
        raise self.unexpected()

    def ordering(self) -> Order:
        path = self.path()
        descending = self.word("DESC")
        if not descending:
            self.word("ASC")
        last = self.word("NULLS", "LAST")
        if not last:
            self.word("NULLS", "FIRST")
        return Order(path, descending, last)


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            at = position + len(text[position:]) - len(text[position:].lstrip())
            raise error_at(text, at, f"unexpected token: '{text[at]}'", "MALFORMED_QUERY")
        kind = match.lastgroup or ""
        if match["datetime"]:
            kind = "datetime"
            if not match["zone"]:
                raise error_at(
                    text, match.start("datetime"), "unexpected token: a dateTime needs a zone", "MALFORMED_QUERY"
                )
        yield Token(kind, match[kind], match.start(kind))
        position = match.end()
    yield Token("end", "", len(text))


def _literal(text: str, token: Token) -> Literal:
    if token.kind == "string":
        return _string(text, token)
    if token.kind == "number":
        return Literal("number", float(token.text))
    try:
        if token.kind == "date":
            return Literal("date", date.fromisoformat(token.text))
        return Literal("datetime", datetime.fromisoformat(token.text).astimezone(UTC))
    except ValueError:
        raise error_at(text, token.at, f"invalid {token.kind}: {token.text}", "MALFORMED_QUERY") from None


def _string(text: str, token: Token) -> Literal:
    plain, like = [], []
    chars = iter(token.text[1:-1])
    for char in chars:
        if char != "\\":
            plain.append(char)
            like.append({"%": ".*", "_": "."}.get(char, re.escape(char)))
            continue
        escaped = next(chars)
        if escaped not in _ESCAPES and escaped not in "%_":
            raise error_at(text, token.at, f"Invalid string literal: illegal escape \\{escaped}", "MALFORMED_QUERY")
        plain.append(_ESCAPES.get(escaped, f"\\{escaped}"))
        like.append(re.escape(_ESCAPES.get(escaped, escaped)))
    return Literal("string", "".join(plain), "".join(like))


def day_range(days: tuple[int, int], today: date) -> tuple[date, date]:
    """First and last day of TODAY, LAST_N_DAYS:n and their like."""
    return today + timedelta(days=days[0]), today + timedelta(days=days[1])
