"""Draw the figure of README.md from the shipped tables."""

import matplotlib.pyplot as plt

import relations as rel

data = rel.load()
heads = rel.delegation_levels(rel.rank_levels(data))
names = data.people.set_index("person_id")["name"].to_dict()
ax = rel.figures.plot_who_met_whom(
    heads, sides=data.sides["side"], names=names, source=data.caption
)
ax.figure.savefig("notebooks/who_met_whom.png", dpi=110, metadata={"Software": None})
plt.close(ax.figure)
