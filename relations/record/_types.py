"""The types in which text and dates are held."""

import numpy as np
import pandas as pd

TEXT = pd.StringDtype(na_value=np.nan)
MOMENT = "datetime64[us]"
