"""The one entry: `panel serve dashboards/app.py [--args STORE]`, or `deepvid serve [STORE]`.

STORE may also be an archive or a URL.
"""

import panel as pn

from dashboards.shell import shell, store_address

pn.config.notifications = False
shell(store_address()).servable(title="DeepVID")
