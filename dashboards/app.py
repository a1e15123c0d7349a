"""The one entry: `panel serve dashboards/app.py [--args STORE]`, or `deepvid serve [STORE]`."""

import panel as pn

from dashboards.shell import shell, store_path

pn.config.notifications = False
shell(store_path()).servable(title="DeepVID")
