"""The figures of the last quarters: in Slack, as CSV, and as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from bot.messages import blocks, forms
from bot.messages.exports import File, table
from bot.messages.red_accounts import short_money
from bot.queries.figures import Figures

WIDTH = 10  # characters of a bar
NONE = "–"
HEADER = (
    "quarter", "begins_on", "turned_red", "of_these_again", "saved", "lost", "with_less", "arr_saved", "arr_lost",
    "arr_with_less", "ended_with_arr_not_known", "median_days_red", "median_days_to_plan",
)  # fmt: skip


def view(found: Sequence[Figures]) -> dict[str, Any]:
    last = found[-1]
    return forms.form(
        "red_account.figures",
        "Figures",
        [
            blocks.section(f"*{last.quarter.name}, so far*\n{_in_words(last)}"),
            blocks.section(f"*The last {len(found)} quarters*\n```{chart(found)}```"),
            blocks.context(
                "Days are medians: red until it ended, and until the plan was in place. Mistakes do not count."
            ),
            blocks.context("`/red-account figures csv` for a spreadsheet · `touchpoint figures --chart` draws it"),
        ],
        submit=None,
    )


def chart(found: Sequence[Figures]) -> str:
    """A line for each quarter, in letters of one width."""
    rows = ["           saved                days red  to plan"]
    for one in found:
        rows.append(f"{one.quarter.name:<9}  {_bar(one)} {_saved(one):<10} {_number(one.days_red):>7}  "
                    f"{_number(one.days_to_plan):>7}")  # fmt: skip
    return "\n".join(rows)


def as_csv(found: Sequence[Figures]) -> str:
    return table(
        HEADER,
        [
            [
                one.quarter.name, one.quarter.begins_on, one.opened, one.again, one.saved, one.lost, one.shrunk,
                one.arr_saved, one.arr_lost, one.arr_shrunk, one.arr_not_known, one.days_red, one.days_to_plan,
            ]
            for one in found
        ],
    )  # fmt: skip


def file(found: Sequence[Figures]) -> File:
    last = found[-1].quarter.name
    return File(
        f"red-accounts-{last.replace(' ', '-')}.csv",
        f"Red accounts to {last}",
        f"Red accounts, the last {len(found)} quarters, as CSV.",
        as_csv(found),
    )


def as_svg(found: Sequence[Figures]) -> str:
    """Three rows of bars over the same quarters: the share that was saved, days red, days to a plan."""
    panels = (
        (
            "Saved, of those that ended",
            [_share(one) for one in found],
            [f"{one.saved} of {one.ended}" for one in found],
        ),
        ("Days red (median)", [one.days_red for one in found], [_number(one.days_red) for one in found]),
        ("Days to a plan (median)", [one.days_to_plan for one in found], [_number(one.days_to_plan) for one in found]),
    )
    column, height = 90, 150
    width = column * len(found) + 40
    drawn = [
        _panel(title, values, labels, [one.quarter.name for one in found], y=number * height, column=column)
        for number, (title, values, labels) in enumerate(panels)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height * len(panels) + 10}"'
        f' font-family="system-ui, sans-serif" font-size="12" fill="#222">\n'
        "<title>Red accounts, quarter by quarter</title>\n"
        f'<rect width="100%" height="100%" fill="#fff"/>\n{"".join(drawn)}</svg>\n'
    )


def _panel(
    title: str, values: Sequence[float | None], labels: Sequence[str], names: Sequence[str], *, y: int, column: int
) -> str:
    highest = max((value for value in values if value), default=1)
    parts = [f'<text x="20" y="{y + 22}" font-weight="600">{escape(title)}</text>\n']
    for number, (value, label, name) in enumerate(zip(values, labels, names, strict=True)):
        x, tall = 20 + number * column, round(70 * (value or 0) / highest)
        middle = x + (column - 20) // 2
        parts.append(f'<rect x="{x}" y="{y + 115 - tall}" width="{column - 20}" height="{tall}" fill="#1f4f46"/>\n')
        parts.append(f'<text x="{middle}" y="{y + 110 - tall}" text-anchor="middle">{escape(label)}</text>\n')
        parts.append(f'<text x="{middle}" y="{y + 131}" text-anchor="middle" fill="#666">{escape(name)}</text>\n')
    return "".join(parts)


def _in_words(one: Figures) -> str:
    again = f", {one.again} of them again" if one.again else ""
    said = [f"{one.opened} turned red{again}"]
    if one.ended:
        said.append(f"{one.saved} of {one.ended} saved, {short_money(one.arr_saved)}")
    if one.lost:
        said.append(f"{one.lost} lost, {short_money(one.arr_lost)}")
    if one.shrunk:
        said.append(f"{one.shrunk} stay with less, of {short_money(one.arr_shrunk)}; how much less is not known")
    if one.arr_not_known:
        said.append(f"the ARR of {one.arr_not_known} is not known")
    if one.days_red is not None:
        said.append(f"{_number(one.days_red)} days red")
    if one.days_to_plan is not None:
        said.append(f"{_number(one.days_to_plan)} days to a plan")
    return " · ".join(said)


def _share(one: Figures) -> float | None:
    return one.saved / one.ended if one.ended else None


def _saved(one: Figures) -> str:
    return f"{one.saved} of {one.ended}" if one.ended else NONE


def _bar(one: Figures) -> str:
    full = round(WIDTH * (_share(one) or 0))
    return "█" * full + "░" * (WIDTH - full)


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:g}"
