"""How fast files go over the virtual air to the real firmware and back, and through what."""

from pathlib import Path

from holdback.simulation import Air, run
from system.firmware_rig import Body, Flash, Host, host, idle_board, make_plan, with_host

MTU = 247


def test_pull_reaches_nine_tenths_of_the_link(tmp_path: Path) -> None:
    """30 ms, 6 packets, no loss: 6 x 244 bytes each 30 ms are 48.8 kB/s. Ten hours of samples are about 223 kB."""

    async def main(air: Air) -> tuple[float, list[int]]:
        body = await idle_board(air, flash=await flash_with_a_recording(air, tmp_path, 223_000))
        async with host(body) as h:
            started = air.now_ms
            data, sizes = await h.download("stage-01")
            assert data == bytes(range(256)) * (223_000 // 256)
            return len(data) / (air.now_ms - started), sizes

    kb_s, sizes = run(main)
    link = 6 * (MTU - 3) / 30
    print(f"pull {kb_s:.1f} kB/s of {link:.1f} ({kb_s / link:.0%}), answers {sizes}")
    assert sizes[0] == 2048 < sizes[1] <= 16384 and max(sizes) <= 32768
    assert kb_s >= 0.9 * link


async def flash_with_a_recording(air: Air, folder: Path, size: int) -> Flash:
    """A flash that holds `size` bytes as the recording of stage 1, whatever they are."""
    script = folder / "fill.py"
    script.write_text(
        "import blockdev, os\nblockdev.mount('/flash')\nos.mkdir('/flash/rec')\n"
        "with open('/flash/rec/stage-01.hbr', 'wb') as f:\n"
        f"    for _ in range({size // 256}):\n        f.write(bytes(range(256)))\nprint('written')\n"
    )
    flash = Flash()
    board = air.board("filler", script=script, flash=flash)
    await board.start()
    await air.sleep(100)
    assert board.log[-1] == "written"
    await board.stop()
    return flash


def test_a_slow_link_gets_small_answers() -> None:
    async def check(h: Host, _: Body) -> None:
        await h.upload("plan-01", make_plan(length_m=50_000))
        sizes = (await h.download("plan-01"))[1]
        # 244 bytes each 200 ms: 0.7 s carry about 900 bytes, and 2 kB is the least
        assert max(sizes) <= 4096

    with_host(check, interval_ms=200, packets=1)


def test_upload_and_download_survive_loss() -> None:
    async def check(h: Host, _: Body) -> None:
        plan = make_plan(length_m=40_000)
        await h.upload("plan-01", plan)
        assert (await h.download("plan-01"))[0] == plan

    with_host(check, loss=0.1, seed=3)
