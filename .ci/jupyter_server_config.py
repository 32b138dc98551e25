# Read by every Jupyter of the environment that .ci/setup.py makes.
from relations.review.saving import as_committed

c = get_config()  # noqa: F821
c.ContentsManager.pre_save_hook = as_committed
