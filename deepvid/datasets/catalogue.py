"""Every source of images. To add one: a file of its kind, a line here, its name in `config/names.py`."""

from collections.abc import Mapping

from deepvid import resources
from deepvid.config import names
from deepvid.datasets.arrays import Arrays
from deepvid.datasets.cifar10 import Cifar10
from deepvid.datasets.contract import Source
from deepvid.datasets.finding import Original
from deepvid.datasets.folder import Folder
from deepvid.datasets.idx import FILES, Idx
from deepvid.datasets.quickdraw import QuickDraw
from deepvid.datasets.table import Table

_CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
_DIGITS = tuple("0123456789")
_THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def _idx_files(checksums: tuple[str, str, str, str], address: str | None = None) -> dict[str, Original]:
    """`checksums` in the order of `FILES`."""
    return {
        file: Original(checksum, address and f"{address}/{file}")
        for file, checksum in zip(FILES, checksums, strict=True)
    }


_FASHION_MNIST_SMALL = _idx_files(
    (
        "1be733b5e3563a3e09249eaf2860ab906050f4ad092514fd69643a971f092eef",
        "61a6840eba903a1624db1cd180742787f58a96a5d569dcbab532ea0bbd943a75",
        "78cb45a589ec14266eab4ac0cb2e9e10a4c076ae2d337fe86383d761bff83f32",
        "ae04cd950ab214637dd08f56319057c2ae10cbb660f742681f426479e3d51363",
    )
)
_FASHION_MNIST = _idx_files(
    (
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
)
_MNIST = _idx_files(  # the address of its authors, yann.lecun.com, no longer gives the files
    (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
    "https://storage.googleapis.com/cvdf-datasets/mnist",
)
_CIFAR10_ARCHIVE = {
    "cifar-10-binary.tar.gz": Original(
        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    )
}
_CIFAR10 = {
    "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
    "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
}

SOURCES: Mapping[names.Source, Source] = {
    "fashion_mnist_small": Idx(
        "fashion_mnist_small", _CLOTHES, _FASHION_MNIST_SMALL, resources.data() / "fashion_mnist_small"
    ),
    "fashion_mnist": Idx("fashion_mnist", _CLOTHES, _FASHION_MNIST),
    "mnist": Idx("mnist", _DIGITS, _MNIST),
    "cifar10": Cifar10("cifar10", _THINGS, _CIFAR10_ARCHIVE, _CIFAR10),
    "quickdraw": QuickDraw("quickdraw", ("quickdraw345x100.npz", "quickdraw3x1000.npz")),
    "arrays": Arrays("arrays"),
    "folder": Folder("folder"),
    "table": Table("table"),
}
