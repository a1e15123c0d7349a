"""Types that the browser's half is checked against."""

from dashboards.kit.messages import TARGET, typescript


def test_the_types_of_messages_are_those_of_the_elements() -> None:
    assert TARGET.read_text(encoding="utf-8") == typescript(), "run python -m dashboards.kit.messages"
