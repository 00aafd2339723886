"""The virtual board's `machine`, `time` and `select`, each as firmware meets it."""

from pathlib import Path

from air_rig import firmware, log_of
from holdback.simulation import Air, VirtualBoard, run


def test_sleeping_takes_virtual_time(tmp_path: Path) -> None:
    source = """
        import time
        start = time.ticks_ms()
        time.sleep_ms(250); time.sleep(2); time.sleep_us(500)
        print(time.ticks_diff(time.ticks_ms(), start))
    """
    assert log_of(tmp_path, source) == ["2250"]


def test_ticks_wrap_as_on_the_device(tmp_path: Path) -> None:
    source = """
        import time
        start = time.ticks_ms()
        time.sleep(2 * 3600)
        end = time.ticks_ms()
        print(start < 1 << 30, end < start, time.ticks_diff(end, start), time.ticks_add(start, 7200000) == end)
    """

    async def act(air: Air, board: VirtualBoard) -> None:
        await air.sleep(3 * 3_600_000)

    assert log_of(tmp_path, source, act) == ["True True 7200000 True"]


def test_asyncio_keeps_its_times_over_the_wrap(tmp_path: Path) -> None:
    source = """
        import asyncio, time
        async def main():
            start = time.ticks_ms()
            async def tick(name, period_ms, n):
                for _ in range(n):
                    await asyncio.sleep_ms(period_ms)
                print(name, time.ticks_diff(time.ticks_ms(), start))
            await asyncio.gather(tick("slow", 60000, 90), tick("fast", 1000, 4000))
            try:
                await asyncio.wait_for_ms(tick("late", 10000, 1), 300)
            except asyncio.TimeoutError:
                print("timeout", time.ticks_diff(time.ticks_ms(), start))
        asyncio.run(main())
    """

    async def act(air: Air, board: VirtualBoard) -> None:
        await air.sleep(2 * 3_600_000)

    assert log_of(tmp_path, source, act) == ["fast 4000000", "slow 5400000", "timeout 5400300"]


def test_asyncio_tasks_cancel_wait_and_pass_errors_on(tmp_path: Path) -> None:
    source = """
        import asyncio
        async def forever():
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                print("cancelled")
                raise
        async def fails():
            await asyncio.sleep_ms(1)
            raise ValueError("no")
        async def value():
            return 7
        async def main():
            task = asyncio.create_task(forever())
            await asyncio.sleep_ms(1)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                print("seen", task.done())
            print(await asyncio.create_task(value()))
            try:
                await asyncio.create_task(fails())
            except ValueError as error:
                print(error)
            lock, event = asyncio.Lock(), asyncio.Event()
            async with lock:
                asyncio.create_task(event.wait())
                await asyncio.sleep_ms(0)
                event.set()
            await event.wait()
            print(await asyncio.gather(value(), fails(), return_exceptions=True))
        asyncio.run(main())
    """
    assert log_of(tmp_path, source) == ["cancelled", "seen True", "7", "no", "[7, ValueError('no',)]"]


def test_time_counts_from_2000_and_survives_a_reset_but_not_a_cut(tmp_path: Path) -> None:
    source = """
        import machine, time
        rtc = machine.RTC()
        print(machine.reset_cause(), time.time(), rtc.memory(), rtc.datetime()[:7])
        rtc.datetime((2026, 7, 1, 0, 6, 0, 0, 0))
        rtc.memory(b"kept")
        time.sleep(10)
        if machine.reset_cause() == machine.PWRON_RESET:
            machine.reset()
    """

    async def act(air: Air, board: VirtualBoard) -> None:
        await air.sleep(30_000)
        await board.cut()
        await board.start()

    first, second, third = log_of(tmp_path, source, act)
    assert first == third == "1 0 b'' (2000, 1, 1, 5, 0, 0, 0)"
    assert second == "2 836200810 b'kept' (2026, 7, 1, 2, 6, 0, 10)"  # 2026-07-01 06:00:10 UTC


def test_uart_bytes_reach_asyncio_and_what_does_not_fit_is_lost(tmp_path: Path) -> None:
    source = """
        import asyncio, machine
        uart = machine.UART(2, 9600, rxbuf=64)
        async def main():
            reader = asyncio.StreamReader(uart)
            print(await reader.readline())
            print(await reader.read(100), uart.any(), uart.read())
            await asyncio.sleep(2)
            print(uart.any(), uart.lost)
            buf = bytearray(100)
            print(uart.readinto(buf), bytes(buf[:3]), uart.readinto(buf))
            uart.write(b"thanks")
        asyncio.run(main())
    """
    sent: list[tuple[int, int, bytes]] = []

    async def act(air: Air, board: VirtualBoard) -> None:
        board.on_uart.append(lambda *written: sent.append(written))
        await air.sleep(1000)
        board.feed_uart(b"$GPRMC\r\n")
        await air.sleep(1000)
        board.feed_uart(b"abc")
        await air.sleep(1000)
        board.feed_uart(bytes(range(100)))
        await air.sleep(5000)

    log = log_of(tmp_path, source, act)
    assert log == ["b'$GPRMC\\r\\n'", "b'abc' 0 None", "64 36", "64 b'\\x00\\x01\\x02' None"]
    assert sent == [(4500, 2, b"thanks")]


def test_the_motor_is_seen_with_its_times(tmp_path: Path) -> None:
    source = """
        import machine, time
        motor = machine.PWM(machine.Pin(25), freq=200, duty_u16=0)
        time.sleep_ms(100)
        motor.duty_u16(65535)
        machine.Timer(0).init(mode=machine.Timer.ONE_SHOT, period=150, callback=lambda t: motor.duty_u16(0))
    """
    seen: list[tuple[int, int, int]] = []

    async def main(air: Air) -> None:
        board = air.board(script=firmware(tmp_path, source))
        board.on_pwm.append(lambda *change: seen.append(change))
        await board.start()
        await air.sleep(1000)

    run(main)
    assert seen == [(600, 25, 65535), (750, 25, 0)]


def test_a_button_press_interrupts(tmp_path: Path) -> None:
    source = """
        import machine, time
        button = machine.Pin(0, machine.Pin.IN, machine.Pin.PULL_UP)
        print(button.value(), machine.Pin(0) is button)
        edges = machine.Pin.IRQ_FALLING | machine.Pin.IRQ_RISING
        button.irq(lambda pin: print(pin, pin.value(), time.ticks_diff(time.ticks_ms(), start)), edges)
        start = time.ticks_ms()
        time.sleep(5)
        print("slept", time.ticks_diff(time.ticks_ms(), start))
    """

    async def act(air: Air, board: VirtualBoard) -> None:
        await air.sleep(1000)
        await board.press(0, 120)
        await air.sleep(5000)

    assert log_of(tmp_path, source, act) == ["1 True", "Pin(0) 0 1000", "Pin(0) 1 1120", "slept 5000"]


def test_the_adc_reads_what_the_world_sets(tmp_path: Path) -> None:
    source = """
        import machine, time
        adc = machine.ADC(machine.Pin(35), atten=machine.ADC.ATTN_11DB)
        print(adc.read_uv())
        time.sleep(1)
        print(adc.read_uv(), adc.read_u16(), adc.read())
    """

    async def main(air: Air) -> list[str]:
        board = air.board(script=firmware(tmp_path, source))
        board.adc_mv[35] = 2000
        await board.start()
        board.adc_mv[35] = 1650
        await air.sleep(2000)
        return board.log

    assert run(main) == ["2000000", "1650000 32767 2047"]


def test_a_missed_watchdog_restarts_the_board_and_is_reported(tmp_path: Path) -> None:
    source = """
        import machine, time
        print(machine.reset_cause())
        if machine.reset_cause() == machine.PWRON_RESET:
            dog = machine.WDT(timeout=10000)
            for _ in range(3):
                time.sleep(8)
                dog.feed()
            time.sleep(60)
    """
    resets: list[tuple[int, int]] = []

    async def act(air: Air, board: VirtualBoard) -> None:
        await air.sleep(120_000)
        resets.extend(board.resets)

    assert log_of(tmp_path, source, act) == ["1", "3"]
    assert resets == [(500 + 24_000 + 10_000, 3)]


def test_periodic_timers_keep_their_raster(tmp_path: Path) -> None:
    source = """
        import machine, time
        start = time.ticks_ms()
        timer = machine.Timer(1)
        timer.init(mode=machine.Timer.PERIODIC, period=400, callback=lambda t: print(time.ticks_ms() - start))
        time.sleep_ms(1300)
        timer.deinit()
        time.sleep(5)
    """
    assert log_of(tmp_path, source) == ["400", "800", "1200"]


def test_a_handler_runs_with_the_scheduler_locked(tmp_path: Path) -> None:
    source = """
        import machine, micropython, time
        order = []
        def handler(pin):
            micropython.schedule(lambda _: order.append("scheduled"), None)
            order.append("handler ends")
        machine.Pin(0).irq(handler, machine.Pin.IRQ_FALLING)
        time.sleep(3)
        print(order)
    """

    async def act(air: Air, board: VirtualBoard) -> None:
        await board.press(0)
        await air.sleep(5000)

    assert log_of(tmp_path, source, act) == ["['handler ends', 'scheduled']"]


def test_an_error_in_a_handler_is_printed_and_the_program_goes_on(tmp_path: Path) -> None:
    source = """
        import machine, time
        machine.Timer(0).init(mode=machine.Timer.ONE_SHOT, period=100, callback=lambda t: 1 // 0)
        time.sleep(1)
        print("on")
    """
    log = log_of(tmp_path, source)
    assert "ZeroDivisionError" in log[-2]
    assert log[-1] == "on"


def test_boards_of_other_names_have_other_ids(tmp_path: Path) -> None:
    script = firmware(tmp_path, "import machine\nprint(machine.unique_id())")

    async def main(air: Air) -> list[list[str]]:
        boards = [air.board(name, script=script) for name in "AB"]
        for board in boards:
            await board.start()
        return [board.log for board in boards]

    a, b = run(main)
    assert a != b
    assert run(main) == [a, b]


def test_arguments_and_modules_reach_the_script(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    firmware(tmp_path / "more", "x = 42", "extra.py")
    script = firmware(tmp_path, "import sys, extra\nprint(sys.argv[1:], extra.x)")

    async def main(air: Air) -> list[str]:
        board = air.board(script=script, args=("one", "2"), mpy_path=[tmp_path / "more"])
        await board.start()
        return board.log

    assert run(main) == ["['one', '2'] 42"]
