"""China–Vietnam defence contacts: a sourced record and the metrics over it.

>>> import relations as rel
>>> data = rel.load()                 # data.events, data.reports, ...: typed frames
>>> frequency = rel.exchange_frequency(data.events, every="year")
>>> axes = rel.figures.plot_exchange_frequency(frequency, source=data.caption)

help(rel.exchange_frequency) tells what a function counts, and of which columns;
rel.codebook("events") what a column means. Every measure takes frames, or the Dataset,
and returns a tidy frame.

The record
    load, Dataset                     every table as a typed frame; a folder of yours too
    codebook, cite                    what a column means; how to cite this version
    check, DataError, Violation       the rules that tables keep
    compare                           what two versions differ in, and which results move
    trace                             from a count (evidence=True) back to its reports
How often, when, at whose place       relations.exchanges
    exchange_frequency, pooled_rates, seasonality, contact_gaps, periods_apart, around,
    hosting, hosting_alternation, multilateral_share
What they cooperate in                relations.areas
    cooperation_area_counts, area_shares, area_breadth, area_persistence,
    area_cooccurrence, first_mentions, side_emphasis, talk_to_deed, time_to_deed
Who met whom, at which level          relations.ranks
    rank_levels, delegation_levels, level_summary, parity, parity_by, office_turnover,
    counterparts, meeting_network, centralities
Standing channels                     relations.mechanisms
    cadence, numbering, edition_places, mechanism_timeline
What became of promises               relations.pledges
    follow_through, time_to_fulfilment, median_time_to_fulfilment
What the record misses                relations.coverage
    two_lists, undercount, undercount_sensitivity, contradictions, contradiction_shares,
    coder_agreement, one_sided, sources_per_year
How the relationship changed          relations.trajectory
    phases, break_uncertainty, steps_or_growth, phases_of_sources, scheme_agreement,
    engagement_index, index_sensitivity, lead_lag
Choosing and reading contacts         relations.explorer
    explore (in JupyterLab), select_events, reports_of, areas_of, contradictions_of
Drawing a result                      relations.figures: one function for each figure
Checking answers in a class           relations.seminar

At the command line: python -m relations --help
"""

import lazy_loader

# The names are listed in __init__.pyi, and a module is imported with the first of its names
# that is asked for: who only loads the tables does not wait for the measures. Without
# __all__, help() shows the guide above and not two thousand lines of every function.
__getattr__, __dir__, _ = lazy_loader.attach_stub(__name__, __file__)
