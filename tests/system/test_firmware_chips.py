"""Boards whose chips fail, and a receiver that forgets: the device paces on, and its error log tells."""

from pathlib import Path

from holdback.simulation import Air, run
from pacing.cues import EASE
from system.firmware_rig import READ, Body, Recording, host, make_plan, replayed

CHIPS = Path(__file__).parents[1] / "chips"
PLAN = make_plan(length_m=5000, hr_cap_bpm=0)


def test_without_power_management_and_motor_it_paces_and_tells() -> None:
    """Nobody answers on the bus: the pin is the button, the battery counts as empty and is saved, cues are not felt."""

    async def main(air: Air) -> None:
        body = Body(air, script="main.py", mpy_path=[CHIPS / "watch"])
        await body.board.start()
        async with host(body) as h:
            await h.arm(PLAN)
        await body.seconds(30)
        await body.hold_and_press()
        await body.seconds(240, 3.9)
        await body.hold_and_press()
        await body.seconds(3)
        async with host(body) as h:
            assert (await h.ours(READ, 3))["batt"] == 0
            errors = (await h.download("errors"))[0].decode()
            data = (await h.download("latest"))[0]
        assert "power: " in errors and "motor: " in errors and "ENODEV" in errors
        assert errors.count("motor: ") <= 4, "told more than once a start"
        recording = Recording(data)
        assert 117 < len(recording.samples) < 180  # each 2 s from the first look at the battery on: it counts as empty
        assert recording.cues == replayed(data, PLAN) and EASE in [code for _, code, _ in recording.cues]
        assert not body.pulses

    run(main)


def test_a_receiver_is_asked_and_set_up_before_the_start_and_sleeps_after_the_end() -> None:
    """An MTK module on the virtual board's UART: set up while armed, again when it babbles in mid-stage."""

    async def main(air: Air) -> None:
        body = Body(air)
        taken: list[bytes] = []

        def on_uart(_t_ms: int, _uart: int, data: bytes) -> None:
            taken.append(bytes(data))
            if data.startswith(b"$PMTK605*31"):
                body.board.feed_uart(b"$PMTK705,AXN_5.1.7_3333,0007,PA1616S,1.0*11\r\n")

        body.board.on_uart.append(on_uart)
        await body.board.start()
        async with host(body) as h:
            await h.arm(PLAN)
        await body.seconds(30)
        orders = [
            b"$PMTK220,1000*1F\r\n",
            b"$PMTK314,0,1,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0*28\r\n",
            b"$PMTK886,1*29\r\n",
        ]
        assert [data for data in taken if data in orders] == orders
        await body.hold_and_press()
        await body.seconds(60, 3.9)
        taken.clear()
        for _ in range(20):  # its supply has dipped: everything again
            body.board.feed_uart(b"$GPGSV,3,1,12,01,40,083,46,02,17,308,41,12,07,344,39,14,22,228,45*76\r\n" * 4)
            await body.second(3.9)
        assert [data for data in taken if data in orders] == orders
        await body.seconds(30, 3.9)
        await body.hold_and_press()
        await body.seconds(2)
        assert taken[-1] == b"$PMTK161,0*28\r\n"
        async with host(body) as h:
            data = (await h.download("latest"))[0]
        assert len(Recording(data).samples) > 105 and body.board.log == []

    run(main)
