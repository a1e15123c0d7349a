"""The one entry: `panel serve dashboards/app.py [--args STORE]`, or `deepvid serve [STORE]`.

STORE is a folder of runs, one archive, or a URL of either.
"""

import panel as pn

from dashboards.serving.closed_tabs import silence_closed_tabs
from dashboards.serving.process import spare_what_stays, take_short_turns
from dashboards.serving.sending import send_at_once
from dashboards.shell import shell, store_address

pn.config.notifications = False
silence_closed_tabs()
send_at_once()
take_short_turns()
spare_what_stays()
shell(store_address()).servable(title="DeepVID")
