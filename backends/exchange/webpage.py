"""A space as HTML for notebooks: its picture, how many configurations it has, its decisions."""

from __future__ import annotations

import base64

from hyperdsl.backends.exchange import svg
from hyperdsl.backends.exchange.blocks import picture
from hyperdsl.markup import Html, tag
from hyperdsl.space import Space
from hyperdsl.space.table import describe

MOST_ROWS = 100


def space_html(space: Space) -> Html:
    """The picture of a space over a table of its decisions, folded."""
    drawn = picture(space)
    source = base64.b64encode(svg.draw(drawn).encode()).decode()
    image = tag(
        "img", src=f"data:image/svg+xml;base64,{source}", alt=f"{drawn.name}: {drawn.facts}", style="max-width:100%"
    )
    rows = [
        tag(
            "tr",
            *(
                tag("td", text, style="text-align:left")
                for text in (d.path, describe(d) + (", logarithmic" if d.log else ""))
            ),
        )
        for d in space.decisions[:MOST_ROWS]
    ]
    more = len(space.decisions) - MOST_ROWS
    if more > 0:
        rows.append(tag("tr", tag("td", f"and {more:,} more", colspan=2)))
    head = tag("tr", *(tag("th", name, style="text-align:left") for name in ("decision", "values")))
    table = tag("table", tag("thead", head), tag("tbody", *rows))
    return tag("div", image, tag("details", tag("summary", "decisions"), table))
