"""Deleting recordings on the device that are here, whole: the device takes no other word for it than their checksum."""

from binascii import crc32
from collections.abc import Sequence
from pathlib import Path

from smpclient.transport.ble import SMPBLETransport

from holdback.device.link import CHECKSUM_S, TransportFactory
from holdback.device.messages import DeleteWrite, ListRead, StageOnDevice
from holdback.device.proof import connect
from holdback.device.pull import MAX_BYTES
from holdback.errors import HoldbackError, NotFoundError

Here = tuple[Path, int, int]  # a file, its length and its CRC-32


async def delete(
    address: str, here: Sequence[Here], *, transport: TransportFactory = SMPBLETransport
) -> list[StageOnDevice]:
    """Delete on the device the recordings that these files are, byte for byte. They stay here.

    Returns those deleted. Raises NotFoundError, before any is deleted, if the device has no such recording;
    LinkLostError, DeviceRefusedError, IntegrityError.
    """
    async with connect(address, transport) as link:
        held = (await link.ask(ListRead(), CHECKSUM_S)).stages
        gone = [_the_one(held, path, size, crc) for path, size, crc in here]
        for stage in gone:
            await link.ask(DeleteWrite(stage=stage.id, crc=stage.crc), CHECKSUM_S)
    return gone


def signature(path: Path) -> Here:
    """What the device knows a recording by. HoldbackError for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise HoldbackError(
            f"{path}: cannot be read", error.strerror or str(error), "name a pulled recording: stage-NN.hbr"
        ) from None
    return path, len(data), crc32(data)


def _the_one(held: Sequence[StageOnDevice], path: Path, size: int, crc: int) -> StageOnDevice:
    for stage in held:
        if (stage.len, stage.crc) == (size, crc):
            return stage
    raise NotFoundError(
        f"{path}: the device has no such recording",
        "only what is here byte for byte is deleted there",
        "pull it again, or see what is there: holdback device status",
    )
