"""The one entry: `panel serve dashboards/app.py [--args STORE]`, or `deepvid serve [STORE]`.

STORE is a folder of runs, one archive, or a URL of either.
"""

import panel as pn

from dashboards.closed_tabs import silence_closed_tabs
from dashboards.shell import shell, store_address

pn.config.notifications = False
silence_closed_tabs()
shell(store_address()).servable(title="DeepVID")
