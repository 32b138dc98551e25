"""Generated tables of any size, with the columns that ``relations.load`` gives, as parquet.

``python tests/benchmarks/generate.py FOLDER MILLIONS...`` writes them for a look by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path

CHUNK = 2_000_000
SEED = 20_26

# A row is a function of its number and the seed, so that every run writes the same tables.
PICK = "hash({number} * 16 + {stream} + {seed}) % {among}"

EVENTS = """
SELECT
    printf('%s-%s-%09d', strftime(start, '%Y-%m-%d'), kind, i) AS event_id,
    start::TIMESTAMP AS start,
    (start + INTERVAL 1 DAY * {length})::TIMESTAMP AS "end",
    CASE WHEN {precise} < 90 THEN 'day' WHEN {precise} < 98 THEN 'month' ELSE 'year' END
        AS precision,
    kind,
    CASE WHEN {series} < 25 THEN 'series-' || {series} END AS mechanism,
    ['AA', 'BB', 'both'][1 + {host}::BIGINT] AS host,
    CASE WHEN {mode} < 8 THEN 'in_person' ELSE 'online' END AS mode,
    CASE WHEN {part} < 12 THEN printf('parent-%09d', i - i % 7) END AS parent_id,
    CASE WHEN {status} < 93 THEN 'held' WHEN {status} < 97 THEN 'announced' ELSE 'disputed' END
        AS status,
    'Contact number ' || i AS title,
    NULL::VARCHAR AS note,
    NULL::VARCHAR AS replaced_by
FROM (
    SELECT
        i,
        DATE '2000-01-01' + ({day})::INTEGER AS start,
        ['visit', 'meeting', 'joint_patrol', 'exercise', 'border_exchange', 'dialogue']
            [1 + ({kind})::BIGINT] AS kind
    FROM range({begin}, {end}) AS numbers(i)
)
"""

# Half as many events as mentions; a fifth of the mentions repeat another source's.
MENTIONS = """
SELECT
    printf('event-%09d', ({event} % {events})::BIGINT) AS event_id,
    printf('source-%06d', ({source})::BIGINT) AS source_id,
    'area-' || lpad((({area}) % 24)::VARCHAR, 2, '0') AS area,
    ['AA', 'BB', 'joint'][1 + ({side})::BIGINT] AS side,
    ['proposed', 'agreed', 'done'][1 + ({stage})::BIGINT] AS status
FROM (
    SELECT CASE WHEN {repeat} < 20 AND i > 0 THEN i - 1 ELSE i END AS i, i AS row
    FROM range({begin}, {end}) AS numbers(i)
)
"""


def _pick(stream: int, among: int, number: str = "i") -> str:
    return "(" + PICK.format(number=number, stream=stream, seed=SEED, among=among) + ")"


def write_events(folder: Path, rows: int) -> Path:
    """Write ``rows`` contacts, some of them parts of others, some of them not held."""
    # 9586 days are 2000-01-01 to 2026-03-30.
    picks = {
        "length": f"{_pick(1, 5)}::INTEGER",
        "precise": _pick(2, 100),
        "series": _pick(3, 100),
        "host": _pick(4, 3),
        "mode": _pick(5, 10),
        "part": _pick(6, 100),
        "status": _pick(7, 100),
        "day": _pick(8, 9586),
        "kind": _pick(9, 6),
    }
    return _write(folder / f"events-{rows}", EVENTS, rows, picks)


def write_mentions(folder: Path, rows: int) -> Path:
    """Write ``rows`` mentions of 24 areas, which sources partly repeat."""
    picks = {
        "event": _pick(1, 2**40),
        "source": _pick(2, 10**6, "row"),
        "area": _pick(3, 24),
        "side": _pick(4, 3),
        "stage": _pick(5, 3),
        "repeat": _pick(6, 100),
        "events": str(max(rows // 2, 1)),
    }
    return _write(folder / f"mentions-{rows}", MENTIONS, rows, picks)


def _write(folder: Path, query: str, rows: int, picks: dict[str, str]) -> Path:
    """Write a table in chunks, so that no size needs more memory than a chunk does."""
    import duckdb

    if folder.exists():
        return folder
    unfinished = folder.with_suffix(".unfinished")
    unfinished.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    for begin in range(0, rows, CHUNK):
        chunk = query.format(begin=begin, end=min(begin + CHUNK, rows), **picks)
        path = unfinished / f"{begin:09d}.parquet"
        connection.execute(f"COPY ({chunk}) TO '{path}' (FORMAT parquet)")
    connection.close()
    return unfinished.rename(folder)


if __name__ == "__main__":
    for millions in sys.argv[2:]:
        size = int(float(millions) * 1_000_000)
        print(write_events(Path(sys.argv[1]), size))
        print(write_mentions(Path(sys.argv[1]), size))
