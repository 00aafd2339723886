"""An hour of sensors: nothing is lost, nothing comes twice. How fast that is, `make bench` shows."""

from pathlib import Path

from holdback.simulation import Air, run, standins_heap
from test_air_radio import FIXTURES, Strap

FEEDER = """
import machine
uart = machine.UART(2, 9600, rxbuf=2048)
buf = bytearray(2048)

async def echo():
    reader = asyncio.StreamReader(uart)
    while True:
        uart.write(b"%d" % len(await reader.read(512)))

async def follow_and_echo():
    asyncio.create_task(echo())
    await main()
"""


def test_an_hour_of_one_hertz_sensors(tmp_path: Path) -> None:
    source = (FIXTURES / "strap_listener.py").read_text()
    source = source.replace("ble.irq(on_event)", FEEDER + "\nble.irq(on_event)").replace(
        "run(main", "run(follow_and_echo"
    )
    path = tmp_path / "sensors.py"
    path.write_text(source)
    answers: list[bytes] = []

    async def main(air: Air) -> list[str]:
        strap = Strap(air.device("strap"))
        await strap.start()
        board = air.board(script=path)
        board.on_uart.append(lambda t_ms, uart, data: answers.append(data))
        await board.start()
        await air.sleep(5000)
        for second in range(3600):
            board.feed_uart(b"x" * 300)
            await air.sleep(500)
            await strap.beat(second % 200)
            await air.sleep(500)
        return board.log

    log = run(main)
    assert answers == [b"300"] * 3600
    assert len(log) == 1 + 3600


def test_the_stand_ins_leave_room(tmp_path: Path) -> None:
    heap = standins_heap()
    print(f"the stand-ins take {heap} bytes of heap")
    assert 10_000 < heap < 48_000  # measured: 44 544
