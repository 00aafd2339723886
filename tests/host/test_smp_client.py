"""The device's side of SMP against an unmodified client: its requests are understood, our answers pass its checks."""

import pytest
from pacing import smp
from smp import header
from smpclient.requests import file_management as files
from smpclient.requests import os_management as system


def received(request, piece: int = 20) -> smp.Assembler:
    """The client's request, as it comes in writes of `piece` bytes."""
    assembler = smp.Assembler(512)
    frame = request.BYTES
    answers = [assembler.feed(frame[i : i + piece]) for i in range(0, len(frame), piece)]
    assert answers == [False] * (len(answers) - 1) + [True]
    return assembler


EXCHANGES = [
    (system.EchoWrite(d="hällo"), {"d": "hällo"}, {"r": "hällo"}),
    (system.ResetWrite(), {}, {}),
    (system.MCUMgrParametersRead(), {}, {"buf_size": 512, "buf_count": 1}),
    (system.OSApplicationInfoRead(format="sv"), {"format": "sv"}, {"output": "Holdback 0.1"}),
    (system.DateTimeRead(), {}, {"datetime": "2026-11-22T16:15:00"}),
    (system.DateTimeWrite(datetime="2026-11-22T16:15:00Z"), {"datetime": "2026-11-22T16:15:00Z"}, {}),
    (files.FileStatus(name="latest"), {"name": "latest"}, {"len": 123456}),
    (
        files.FileHashChecksum(name="stage-01", type="crc32", off=0, len=4000),
        {"name": "stage-01", "type": "crc32", "off": 0, "len": 4000},
        {"type": "crc32", "len": 4000, "output": 0xDEADBEEF},
    ),
    (
        files.FileUpload(off=300, data=bytes(range(200)), name="plan-01"),
        {"off": 300, "data": bytes(range(200)), "name": "plan-01"},
        {"off": 500},
    ),
    (files.FileClose(), {}, {}),
]


@pytest.mark.parametrize(("request_", "body", "answer"), EXCHANGES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("piece", [1, 20, 244])
def test_exchange(request_, body, answer, piece):
    assembler = received(request_, piece)
    assert assembler.body() == body
    assert (assembler.group, assembler.command) == (request_._GROUP_ID, request_._COMMAND_ID)
    response = request_._Response.loads(bytes(smp.respond(assembler, answer)))
    assert response.sequence == request_.sequence and response.version == header.Version.V2
    for name, value in answer.items():
        assert getattr(response, name) == value


@pytest.mark.parametrize(("off", "size"), [(0, 70_000), (32_768, 70_000)])
def test_a_streamed_download(off, size):
    request = files.FileDownload(off=off, name="latest")
    assembler = received(request)
    data = bytes(32_768)
    response = request._Response.loads(bytes(smp.download_head(assembler, off, len(data), size)) + data)
    assert (response.off, response.len, response.data) == (off, None if off else size, data)


@pytest.mark.parametrize("version", [header.Version.V1, header.Version.V2])
def test_refusals(version):
    request = files.FileDownload(off=0, name="nothing", version=version)
    frame = bytes(smp.refuse(received(request), smp.ENOENT, smp.FS_NOT_FOUND))
    if version is header.Version.V1:
        assert request._ErrorV1.loads(frame).rc == smp.ENOENT
    else:
        error = request._ErrorV2.loads(frame).err
        assert (error.group, error.rc) == (smp.GROUP_FILES, smp.FS_NOT_FOUND)
    assert request._ErrorV1.loads(bytes(smp.refuse(received(request), smp.EACCESSDENIED))).rc == smp.EACCESSDENIED
