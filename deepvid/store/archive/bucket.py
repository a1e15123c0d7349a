"""Objects below an s3:// address: each is written whole or not at all, and says the sha256 of its bytes."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from deepvid.errors import MissingExtraError, StoreError
from deepvid.store.reading.remote import Remote

PROTOCOLS = ("s3://", "s3a://")
DIGEST = "sha256"  # of an object's metadata

T = TypeVar("T")


class ChangedError(Exception):
    """Somebody else has written the object since it was read."""


class Object(NamedTuple):
    """The bytes of an object, and the tag that changes with them."""

    data: bytes
    tag: str


class Bucket:
    """Objects below one address. Every failure but a missing object is a StoreError."""

    def __init__(self, url: str, fs: Any, root: str) -> None:
        """`fs` is s3fs, `root` its path of the address."""
        self.url, self._fs = url, fs
        self._bucket, _, self._prefix = root.partition("/")

    @classmethod
    def at(cls, url: str) -> "Bucket":
        """Raises StoreError for an address of another kind, MissingExtraError without s3fs."""
        name, _, key = url.partition("://")[2].partition("/")
        if not url.startswith(PROTOCOLS) or not name or not key.strip("/"):
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
            asked = self._call("head_object", Key=self._key(name))
            return Object(self._fs.cat_file(f"{self._bucket}/{self._key(name)}"), asked["ETag"])

        try:
            return self._try(ask)
        except FileNotFoundError:
            return None

    def sizes(self) -> dict[str, int]:
        """Bytes of every object by its name."""
        root = f"{self._bucket}/{self._prefix}/"
        found = self._try(lambda: self._fs.find(root, detail=True))
        return {path.removeprefix(root): int(each["size"]) for path, each in found.items()}

    def digest(self, name: str) -> str:
        """The sha256 that an object says it has; empty where it says none."""
        found = self._try(lambda: self._call("head_object", Key=self._key(name)))
        return str(found.get("Metadata", {}).get(DIGEST, ""))

    def write(self, name: str, data: bytes, sha256: str) -> None:
        """Puts an object there, in the place of another one."""
        self._try(lambda: self._call("put_object", Key=self._key(name), Body=data, Metadata={DIGEST: sha256}))

    def replace(self, name: str, data: bytes, before: Object | None) -> None:
        """Puts an object in the place of the one `before`, None: where none is. Raises ChangedError."""
        condition = {"IfNoneMatch": "*"} if before is None else {"IfMatch": before.tag}

        def ask() -> None:
            try:
                self._call("put_object", Key=self._key(name), Body=data, **condition)
            except OSError as error:
                if _code(error) not in ("PreconditionFailed", "ConditionalRequestConflict", "412", "409"):
                    raise
                now = self.read(name)
                if now is None or now.data != data:  # else our own request was answered twice
                    raise ChangedError from error

        self._try(ask)

    def remove(self, names: Sequence[str]) -> None:
        """Removes objects; one that is gone is no fault."""
        if names:
            self._try(lambda: self._fs.rm([f"{self._bucket}/{self._key(name)}" for name in names]))

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}"

    def _call(self, method: str, **arguments: Any) -> Any:
        return self._fs.call_s3(method, Bucket=self._bucket, **arguments)

    def _try(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except (StoreError, ChangedError, MissingExtraError):
            raise
        except FileNotFoundError as error:
            if "NoSuchBucket" in (_code(error), str(error)) or "bucket does not exist" in str(error):
                raise self._failed(error, "Create the bucket, or correct the address") from error
            raise
        except Exception as error:  # s3fs, botocore and aiohttp have no exception in common
            action = "Check the address, the network and the credentials, and push again: it goes on there"
            raise self._failed(error, action) from error

    def _failed(self, error: Exception, action: str) -> StoreError:
        return StoreError(f"{self.url} can be written to", f"{type(error).__name__}: {error}", action)


def _code(error: BaseException) -> str:
    """The service's own word for an error that s3fs has translated."""
    response = getattr(error.__cause__, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))
