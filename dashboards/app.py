"""The one entry: `panel serve dashboards/app.py [--args STORE]`, or `deepvid serve [STORE]`.

STORE is a folder of runs, one archive, or a URL of either.
"""

import panel as pn

from dashboards.closed_tabs import silence_closed_tabs
from dashboards.collecting import spare_what_stays
from dashboards.sending import send_at_once
from dashboards.shell import shell, store_address

pn.config.notifications = False
silence_closed_tabs()
send_at_once()
spare_what_stays()
shell(store_address()).servable(title="DeepVID")
