"""Draw the figure of README.md from the shipped tables."""

import matplotlib.pyplot as plt
from PIL import Image

import relations as rel

FILE = "notebooks/who_met_whom.png"
data = rel.load()
heads = rel.delegation_levels(rel.rank_levels(data))
names = data.people.set_index("person_id")["name"].to_dict()
# One screen: the latest contacts of which the level of both heads is known.
known = heads.groupby("event_id")["office_level"].agg(lambda levels: levels.notna().sum())
latest = [event for event in dict.fromkeys(heads["event_id"]) if known[event] > 1][-16:]
ax = rel.figures.plot_who_met_whom(
    heads[heads["event_id"].isin(latest)],
    sides=data.sides["side"],
    names=names,
    source=f"{data.caption}; the latest {len(latest)} contacts with both levels known",
)
ax.figure.savefig(FILE, dpi=150)
plt.close(ax.figure)
# Few colours are drawn: a palette keeps them crisp at a third of the size.
Image.open(FILE).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(FILE, optimize=True)
