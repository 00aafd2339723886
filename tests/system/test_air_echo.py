"""The smallest whole thing: real MicroPython, real ATT packets, unmodified smpclient, virtual time."""

from pathlib import Path

from holdback.simulation import Air, run
from smpclient import SMPClient
from smpclient.requests.os_management import EchoWrite
from smpclient.transport.ble import SMPBLETransport

FIXTURES = Path(__file__).parent / "fixtures"


async def _echo(air: Air) -> tuple[str, int]:
    board = air.board(script=FIXTURES / "smp_echo.py")
    await board.start()
    with air.bleak():
        async with SMPClient(SMPBLETransport(), "Echo") as client:
            answer = await client.request(EchoWrite(d="hold back"))  # type: ignore[arg-type]
    return answer.r, air.now_ms  # type: ignore[union-attr]


def test_an_unmodified_smpclient_gets_its_echo() -> None:
    answer, took_ms = run(_echo)
    assert answer == "hold back"
    assert 500 < took_ms < 5000
