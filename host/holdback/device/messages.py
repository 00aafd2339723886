"""Management group 64, Holdback's own commands in SMP; docs/sync-protocol.md has the bytes."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from smp import error, message

GROUP = 64
LIST, ACTIVATE, DELETE, STATUS, PROOF, PLAY, STRAP, HAVE = range(8)
STRAP_NAME_BYTES = 24
NONCE_BYTES, MAC_BYTES = 16, 32
MOST_KEPT = 99  # earlier recordings that a device keeps of a stage

StageNo = Annotated[int, Field(ge=0, le=255)]
Crc32 = Annotated[int, Field(ge=0, le=0xFFFFFFFF)]
Length = Annotated[int, Field(ge=0, le=0x7FFFFFFF)]
_OPEN = ConfigDict(extra="ignore", frozen=True)  # a newer firmware may say more


class ErrorV1(error.ErrorV1):
    """A refusal: {"rc": n}."""

    _GROUP_ID = GROUP


class ErrorV2(error.ErrorV2[error.MGMT_ERR]):
    """A refusal with the group that refuses: {"err": {"group", "rc"}}."""

    _GROUP_ID = GROUP


class _Group:
    _GROUP_ID = GROUP
    _ErrorV1 = ErrorV1
    _ErrorV2 = ErrorV2


class StageOnDevice(BaseModel):
    """A recording on the device; crc is the CRC-32 of the whole file, closed says whether the stage has ended.

    kept: 0 for the stage's own, k for an earlier one of that stage, which was set aside as stage-NN.k.
    """

    model_config = _OPEN

    id: StageNo
    len: Length
    crc: Crc32
    closed: bool
    kept: Annotated[int, Field(ge=0, le=MOST_KEPT)] = 0


class PlanOnDevice(BaseModel):
    """A plan on the device and the CRC-32 of its file."""

    model_config = _OPEN

    id: StageNo
    crc: Crc32


class ListResponse(message.ReadResponse):
    """What the device holds; armed is the stage it waits for, 0 none."""

    model_config = _OPEN
    _GROUP_ID = GROUP
    _COMMAND_ID = LIST

    stages: Annotated[list[StageOnDevice], Field(max_length=255)]
    plans: Annotated[list[PlanOnDevice], Field(max_length=255)]
    armed: StageNo = 0


class ListRead(_Group, message.ReadRequest):
    """List recordings and plans."""

    _COMMAND_ID = LIST
    _Response = ListResponse


class _Done(message.WriteResponse):
    _GROUP_ID = GROUP

    rc: Literal[0] | None = None


class _OfFile(_Group, message.WriteRequest):
    """Refused unless `crc` is that of the stage's plan or recording on the device."""

    stage: StageNo
    crc: Crc32


class ActivateResponse(_Done):
    """The stage is armed once the host has gone."""

    _COMMAND_ID = ACTIVATE


class ActivateWrite(_OfFile):
    """Arm a stage, by its plan."""

    _COMMAND_ID = ACTIVATE
    _Response = ActivateResponse

    charging: bool | None = None  # False: not between the stages to come; None is not sent, and means True


class DeleteResponse(_Done):
    """That recording is gone."""

    _COMMAND_ID = DELETE


class DeleteWrite(_OfFile):
    """Delete a stage's recording."""

    _COMMAND_ID = DELETE
    _Response = DeleteResponse


class StatusResponse(message.ReadResponse):
    """The live state. ms: since the stage began. hr: bpm, 0 unknown. fix: 0..3. batt: percent. free: bytes.

    drain: tenths of a percent of the battery an hour, measured on a stage, 0 unknown. hours: of a charge, estimated
    for its board, 0 unknown.
    """

    model_config = _OPEN
    _GROUP_ID = GROUP
    _COMMAND_ID = STATUS

    state: str
    stage: StageNo = 0
    ms: int = 0
    dist_dm: int = 0
    effort_pm: int = 0
    hr: int = 0
    fix: int = 0
    batt: int | None = None
    fw: str = ""
    free: int = 0
    drain: Annotated[int, Field(ge=0, le=255)] = 0
    hours: Annotated[int, Field(ge=0, le=999)] = 0


class StatusRead(_Group, message.ReadRequest):
    """Read the live state."""

    _COMMAND_ID = STATUS
    _Response = StatusResponse


class PlayResponse(_Done):
    """The cue is being played."""

    _COMMAND_ID = PLAY


class PlayWrite(_Group, message.WriteRequest):
    """Play a cue on the motor; n is the number that CHECK ME and READY carry, else 0. Refused while a stage runs."""

    _COMMAND_ID = PLAY
    _Response = PlayResponse

    cue: Annotated[int, Field(ge=1, le=15)]
    n: Annotated[int, Field(ge=0, le=99)] = 0


class HaveResponse(_Done):
    """Noted."""

    _COMMAND_ID = HAVE


class HaveWrite(_OfFile):
    """This host has that recording, whole: when a stage needs its room it may go."""

    _COMMAND_ID = HAVE
    _Response = HaveResponse


class StrapWriteResponse(_Done):
    """The strap is pinned, or no longer."""

    _COMMAND_ID = STRAP


class StrapWrite(_Group, message.WriteRequest):
    """Pin the heart-rate strap of that name, at most STRAP_NAME_BYTES of UTF-8; "" unpins."""

    _COMMAND_ID = STRAP
    _Response = StrapWriteResponse

    name: str


class StrapReadResponse(message.ReadResponse):
    """The strap that is pinned ("" none), the address of the one last held, and whether it is held now."""

    model_config = _OPEN
    _GROUP_ID = GROUP
    _COMMAND_ID = STRAP

    name: str = ""
    address: str = ""
    connected: bool = False


class StrapRead(_Group, message.ReadRequest):
    """Ask which strap is pinned."""

    _COMMAND_ID = STRAP
    _Response = StrapReadResponse


class ProofReadResponse(message.ReadResponse):
    """The device's nonce, good for one try, and its serial number."""

    model_config = _OPEN
    _GROUP_ID = GROUP
    _COMMAND_ID = PROOF

    nonce: Annotated[bytes, Field(min_length=NONCE_BYTES, max_length=NONCE_BYTES)]
    serial: Annotated[str, Field(pattern="^[0-9a-f]{4,64}$")]


class ProofRead(_Group, message.ReadRequest):
    """Ask what the key is to be proved with."""

    _COMMAND_ID = PROOF
    _Response = ProofReadResponse


class ProofWriteResponse(message.WriteResponse):
    """The device's own proof."""

    model_config = _OPEN
    _GROUP_ID = GROUP
    _COMMAND_ID = PROOF

    mac: Annotated[bytes, Field(min_length=MAC_BYTES, max_length=MAC_BYTES)]


class ProofWrite(_Group, message.WriteRequest):
    """Prove the key, and ask for the device's proof: holdback.device.proof."""

    _COMMAND_ID = PROOF
    _Response = ProofWriteResponse

    mac: bytes
    nonce: bytes
