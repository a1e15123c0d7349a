"""One gesture, one commit: every linked view prepares in a thread and publishes in one message."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from dashboards.data.population import Mask
from dashboards.session.failing import Failed, failed
from dashboards.session.needs import Missing, Need, missing
from dashboards.session.scene import Scene, differ
from dashboards.session.selection import Selection, Steps, fold
from dashboards.session.visibility import Visibility
from deepvid.newest import Newest


class LinkedView:
    """The side of a view that the linker knows; `dashboards.session.view.View` has all but the last two."""

    subject: ClassVar[str] = "This view"  # what it shows, in the words of `failed`
    needs: ClassVar[Sequence[Need]] = ()
    follows: ClassVar[Sequence[str]] = ("table", "steps", "mask")
    """Fields of `Scene`: where none of them changed, the view is not asked."""

    def scene_for(self, scene: Scene) -> Scene:
        """The session's scene as it is for this view."""
        return scene

    def local_state(self) -> Any:
        """The view's own state that `prepare` needs; asked on the document's thread."""
        return None

    def is_stale(self, scene: Scene) -> bool:
        """Whether its own state is another than in a scene, so that it must be prepared anew."""
        return False

    def show_content(self) -> None:
        """Its needs are met: what it publishes can be seen."""

    def show_placeholder(self, lacks: Missing) -> None:
        """A need is not met: this is said in its place."""

    def prepare(self, scene: Scene) -> Any:
        """Content that it will show; pure, stores nothing, runs in a thread: slow work goes here."""

    def publish(self, prepared: Any) -> None:
        """Writes what was prepared into the view's live sources; called under the document's lock."""


Study = Callable[[Scene], int | None]
"""Which sample a scene that is being prepared takes under study; called in a thread."""


class Linker:
    """Turns gestures into commits for one session. A newer gesture makes an older one stale: it never shows.

    What a view raises takes its own place and no other's: it shows the error of this scene, never an older
    scene's content, and is asked again at the next commit.

    `now` says what the session is about, with any steps and mask. `schedule` runs a function soon on the
    document's own thread, where everything here is called but `_prepare`; `hold` merges what is written
    inside it into one message to the browser. `focus` puts under study what a commit has taken along.
    """

    def __init__(
        self,
        selection: Selection,
        now: Callable[[], Scene],
        *,
        executor: Executor,
        schedule: Callable[[Callable[[], None]], None],
        hold: Callable[[], AbstractContextManager[Any]],
        focus: Callable[[int | None], None],
    ) -> None:
        self.scene = now()  # what was published last
        self._selection, self._now = selection, now
        self._executor, self._schedule, self._hold, self._focus = executor, schedule, hold, focus
        self._members: dict[LinkedView, Visibility] = {}
        self._drawn: dict[LinkedView, Scene] = {}  # what each view shows
        self._failed: set[LinkedView] = set()  # those that show an error
        self._newest: Newest[object] = Newest()
        self._turn: object = None  # the commit under way, or that was

    @property
    def views(self) -> list[LinkedView]:
        """Those of all pages that were visited."""
        return list(self._members)

    def join(self, view: LinkedView, showing: Visibility) -> None:
        """Links a view, which takes part while it is shown, and draws it for the first time if it is."""
        self._members[view] = showing
        if showing.shown:
            self.redraw(view)

    def commit(self, steps: Steps, study: Study | None = None) -> Future[None]:
        """Selects `steps` in every view; returns at once. The future ends when all is prepared.

        The sample under study changes where `study` says so and nobody has chosen another meanwhile.
        """
        turn = self._turn = self._newest.take(object())
        scene = replace(self._now(), steps=steps, mask=None)
        views = [(view, view.local_state()) for view in self._shown()]
        return self._executor.submit(self._prepare, turn, scene, views, study)

    def refresh(self) -> Future[None]:
        """Prepares and publishes the present selection where views are behind, as when the run has grown."""
        return self.commit(self._selection.steps)

    def catch_up(self) -> None:
        """Views are shown again: prepares those behind in threads, unless a commit under way draws them."""
        if not self._newest.holds(self._turn):
            self.refresh()

    def reset(self) -> None:
        """Another run is opened, with nothing selected: nothing of the old one shows; `refresh` draws it."""
        self._turn = self._newest.take(object())
        self.scene = replace(self._now(), steps=(), mask=None)

    def follow(self) -> None:
        """Draws the views behind navigation, or that just joined; a commit under way does so at its end."""
        if self._newest.holds(self._turn):
            return
        scene = self.scene = self._current()
        behind = [view for view in self._shown() if self._behind(view, scene)]
        if behind:
            with self._hold():
                for view in behind:
                    self.redraw(view)

    def redraw(self, view: LinkedView) -> None:
        """Draws one view here and now, as when its own state has changed."""
        scene = replace(view.scene_for(self._current()), own=view.local_state())
        prepared = _picture(view, scene)
        with self._hold():
            self._show(view, scene, prepared)

    def _prepare(
        self, turn: object, scene: Scene, views: Sequence[tuple[LinkedView, Any]], study: Study | None
    ) -> None:
        try:
            publish = self._prepared(turn, scene, views, study)
        except BaseException:
            self._newest.leave(turn)
            self._schedule(self.follow)  # what was clicked meanwhile
            raise
        self._schedule(publish)

    def _prepared(
        self, turn: object, scene: Scene, views: Sequence[tuple[LinkedView, Any]], study: Study | None
    ) -> Callable[[], None]:
        before, scene = scene.focus, replace(scene, mask=self._mask(scene))
        if study is not None:
            scene = replace(scene, focus=study(scene))
        scenes = [
            (view, replace(view.scene_for(scene), own=own))
            for view, own in views
            if view in self._failed or self._behind(view, scene)
        ]

        def prepare(view: LinkedView, seen: Scene) -> Any:
            return _picture(view, seen) if self._newest.holds(turn) else None

        prepared = at_once(self._executor, [partial(prepare, *pair) for pair in scenes])

        def publish() -> None:
            if not self._newest.leave(turn):
                return
            with self._hold():
                self.scene = scene
                self._selection.publish(scene.steps, scene.mask)
                for (view, seen), result in zip(scenes, prepared, strict=True):
                    if view.is_stale(seen):
                        self.redraw(view)
                    else:
                        self._show(view, seen, result)
                if scene.focus != before == self._now().focus:
                    self._focus(scene.focus)
                self.follow()  # what was clicked meanwhile

        return publish

    def _mask(self, scene: Scene) -> Mask | None:
        if scene.table is None:
            return None
        if scene.table is self.scene.table and scene.steps == self.scene.steps:
            return self.scene.mask
        return fold(scene.steps, scene.table)

    def _current(self) -> Scene:
        """The last published scene, under the navigation of now."""
        shown = self.scene
        kept = ("run", "version", "table", "steps", "mask")
        return replace(self._now(), **{name: getattr(shown, name) for name in kept})

    def _shown(self) -> list[LinkedView]:
        return [view for view, showing in self._members.items() if showing.shown]

    def _behind(self, view: LinkedView, scene: Scene) -> bool:
        drawn = self._drawn.get(view)
        return drawn is None or differ(drawn, view.scene_for(scene), view.follows)

    def _show(self, view: LinkedView, scene: Scene, prepared: Any) -> None:
        self._drawn[view] = scene
        if not isinstance(prepared, Missing):
            try:
                view.show_content()
                view.publish(prepared)
            except Exception as error:
                prepared = failed(view.subject, scene, error)
        if isinstance(prepared, Missing):
            view.show_placeholder(prepared)
        (self._failed.add if isinstance(prepared, Failed) else self._failed.discard)(view)


def _picture(view: LinkedView, scene: Scene) -> Any:
    """Content of the view, or what keeps it from showing any."""
    try:
        lacks = missing(view.needs, scene)
        return view.prepare(scene) if lacks is None else lacks
    except Exception as error:
        return failed(view.subject, scene, error)


def at_once(executor: Executor, calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Results of the calls: the first is made here, the others by idle threads of the executor.

    May be called from one of these threads: what no thread has begun by the time is done here too.
    """
    futures = [executor.submit(call) for call in calls[1:]]
    results = [call() for call in calls[:1]]
    for call, future in zip(calls[1:], futures, strict=True):
        results.append(call() if future.cancel() else future.result())
    return results
