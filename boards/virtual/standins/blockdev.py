"""The board's flash: a block device over a file, whose power can fail at any program or erase."""

import virtual

_FLASH_CUT = const(4)  # noqa: F821
_POWER_FAIL = const(7)  # noqa: F821
BLOCK = const(4096)  # noqa: F821
_files = None  # the file system, once it is mounted
_ERASED = b"\xff" * BLOCK  # made once: firmware that is short of memory must not pay for it at each erase


class FlashDevice:
    """For vfs.VfsLfs2: readblocks, writeblocks, ioctl, extended form. One file, opened once."""

    def __init__(self, path, size):
        self._file = open(path, "r+b")
        self._blocks = size // BLOCK
        self._left = virtual.config["flash_cut"]  # operations until power fails, -1: never
        virtual.handlers[_FLASH_CUT] = self._on_cut

    def readblocks(self, block, buf, offset=0):
        self._file.seek(block * BLOCK + offset)
        self._file.readinto(buf)

    def writeblocks(self, block, buf, offset=None):
        if offset is None:
            self._count(block * BLOCK, b"")
            offset = 0
        self._count(block * BLOCK + offset, buf)
        self._file.seek(block * BLOCK + offset)
        self._file.write(buf)

    def ioctl(self, request, arg):
        if request == 4:
            return self._blocks
        if request == 5:
            return BLOCK
        if request == 6:
            self._count(arg * BLOCK, b"")
            self._file.seek(arg * BLOCK)
            self._file.write(_ERASED)
        return 0

    def blank(self):
        """Nothing was ever written where a file system begins."""
        head = bytearray(BLOCK)
        self.readblocks(0, head)
        return head == _ERASED

    def _count(self, at, buf):
        """One program or erase. At the cut half of a program is done, then the board is without power."""
        if self._left < 0:
            return
        if self._left == 0:
            if len(buf):
                self._file.seek(at)
                self._file.write(memoryview(buf)[: len(buf) // 2])
            virtual.send(_POWER_FAIL)
            virtual.stop_for_good()
        self._left -= 1

    def _on_cut(self, kind, a, b, c, data):
        self._left = a


def flash():
    """The block device that the simulator gave this board."""
    return FlashDevice(virtual.config["flash"], virtual.config["flash_size"])


def mount(root="/flash"):
    """Mount littlefs2 from the board's flash at `root`."""
    import vfs

    vfs.mount(files(), root)


def files():
    """The board's file system, formatted when it is blank."""
    global _files
    import vfs

    if _files is None:
        device = flash()
        try:
            _files = vfs.VfsLfs2(device)
        except OSError:
            if not device.blank():
                raise  # damaged: what is on it may still be read some other way
            vfs.VfsLfs2.mkfs(device)
            _files = vfs.VfsLfs2(device)
    return _files
