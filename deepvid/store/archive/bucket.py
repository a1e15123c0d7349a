"""Objects below an s3:// address: each is put once, whole or not at all, and says the sha256 of its bytes."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from deepvid.errors import DeepVIDError, StoreError
from deepvid.store.reading.remote import Remote

PROTOCOLS = ("s3://", "s3a://")
DIGEST = "sha256"  # of an object's metadata
_ABSENT = ("404", "NoSuchKey")
_CHANGED = ("412", "PreconditionFailed", "409", "ConditionalRequestConflict", *_ABSENT)

T = TypeVar("T")


class ChangedError(Exception):
    """Somebody else has put the object."""


class Object(NamedTuple):
    """The bytes of an object, and the tag that changes with them."""

    data: bytes
    tag: str


class Bucket:
    """Objects below one address. Every failure but a ChangedError is a StoreError."""

    def __init__(self, url: str, fs: Any, root: str) -> None:
        """`fs` is s3fs, `root` its path of the address."""
        self.url, self._fs = url, fs
        self._bucket, _, self._prefix = root.partition("/")

    @classmethod
    def at(cls, url: str) -> "Bucket":
        """Raises StoreError for an address of another kind, MissingExtraError without s3fs."""
        name, _, key = url.partition("://")[2].partition("/")
        if not url.startswith(PROTOCOLS) or not name or not all(key.split("/")):
            raise StoreError(
                "A run is pushed to a bucket: s3://BUCKET/FOLDER",
                repr(url),
                "Name one. To another place copy its archive: deepvid archive RUN -o FILE",
            )
        remote = Remote.at(url)
        return cls(remote.url, remote.fs, remote.root)

    def read(self, name: str) -> Object | None:
        """None where there is none."""

        def ask() -> Object:
            tag = self._call("head_object", name)["ETag"]  # first: of a later object it is not the tag
            return Object(self._fs.cat_file(f"{self._bucket}/{self._key(name)}"), tag)

        return self._try(ask, absent=None)

    def sizes(self) -> dict[str, int]:
        """Bytes of every object by its name."""
        root = f"{self._bucket}/{self._prefix}/"
        found: dict[str, Any] = self._try(lambda: self._fs.find(root, detail=True), absent={})
        return {path.removeprefix(root): int(each["size"]) for path, each in found.items()}

    def digest(self, name: str) -> str:
        """The sha256 that an object says it has; empty where it says none, or is none."""
        found: dict[str, Any] = self._try(lambda: self._call("head_object", name), absent={})
        return str(found.get("Metadata", {}).get(DIGEST, ""))

    def add(self, name: str, data: bytes, sha256: str) -> None:
        """Puts an object where none is. Raises ChangedError where one with another digest is."""

        def ask() -> None:
            try:
                self._call("put_object", name, Body=data, Metadata={DIGEST: sha256}, IfNoneMatch="*")
            except OSError as error:
                if _code(error) not in _CHANGED:
                    raise
                if self.digest(name) != sha256:  # else it was our own request, whose answer was lost
                    raise ChangedError(name) from error

        self._try(ask)

    def replace(self, name: str, data: bytes, before: Object | None) -> None:
        """Puts an object in the place of the one `before`, None: where none is. Raises ChangedError."""
        condition = {"IfNoneMatch": "*"} if before is None else {"IfMatch": before.tag}

        def ask() -> None:
            try:
                self._call("put_object", name, Body=data, **condition)
            except OSError as error:
                if _code(error) not in _CHANGED:
                    raise
                now = self.read(name)
                if now is None or now.data != data:
                    raise ChangedError(name) from error

        self._try(ask)

    def require_conditions(self, name: str) -> None:
        """Raises StoreError where an object is put over the one that is there though it must not."""
        there = self.read(name)
        assert there is not None
        try:
            self.replace(name, there.data + b"\n", None)
        except ChangedError:
            return
        self.replace(name, there.data, self.read(name))
        raise StoreError(
            "A bucket that runs are pushed to honors If-Match and If-None-Match",
            f"{self.url} takes whatever comes last",
            "Use a bucket that does. To this one copy the archive: deepvid archive RUN -o FILE",
        )

    def remove(self, names: Sequence[str]) -> None:
        """Removes objects; one that is gone is no fault."""
        if names:
            paths = [f"{self._bucket}/{self._key(name)}" for name in names]
            self._try(lambda: self._fs.rm(paths), absent=None)

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}"

    def _call(self, method: str, name: str, **arguments: Any) -> Any:
        return self._fs.call_s3(method, Bucket=self._bucket, Key=self._key(name), **arguments)

    def _try(self, ask: Callable[[], T], **absent: T) -> T:
        """The answer; where no object is, `absent`."""
        try:
            return ask()
        except (DeepVIDError, ChangedError):
            raise
        except Exception as error:  # s3fs, botocore and aiohttp have no exception in common
            if "absent" in absent and _code(error) in _ABSENT:
                return absent["absent"]
            action = "Check the address, the network and the credentials, and push again: it goes on there"
            if _code(error) == "NoSuchBucket" or "bucket does not exist" in str(error):
                action = "Create the bucket, or correct the address"
            raise StoreError(
                f"{self.url} can be written to", f"{type(error).__name__}: {error}", action
            ) from error


def _code(error: BaseException) -> str:
    """The service's own word for an error that s3fs has translated."""
    response = getattr(error.__cause__, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))
