"""How often the two sides met: counts, rates, gaps, seasons, hosts, before and after."""

from relations.measures._before_after import before_after, placebo
from relations.measures._clusters import (
    before_after_test,
    clusters,
    gap_interval,
    season_test,
    silence_test,
)
from relations.measures._frequency import exchange_frequency, periods_apart, rates
from relations.measures._gaps import gaps, seasons
from relations.measures._hosts import hosting, multilateral, turns
from relations.measures._pooling import pooled_rates

__all__ = [
    "before_after",
    "before_after_test",
    "clusters",
    "exchange_frequency",
    "gap_interval",
    "gaps",
    "hosting",
    "multilateral",
    "periods_apart",
    "placebo",
    "pooled_rates",
    "rates",
    "season_test",
    "seasons",
    "silence_test",
    "turns",
]
