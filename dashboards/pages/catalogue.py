"""The pages, in the order of the header; the first is shown where an address names none."""

from dashboards.pages import archive, diagnose, network, playground, time_travel, training
from dashboards.pages.page import Page

PAGES: tuple[Page, ...] = (
    diagnose.PAGE,
    training.PAGE,
    time_travel.PAGE,
    network.PAGE,
    archive.PAGE,
    playground.PAGE,
)
