"""A flash chip in memory that remembers each program and erase, and what is left of it when power fails at one."""

import vfs

BLOCK = 4096
ERASED = b"\xff" * BLOCK
WAYS = ("cut", "torn", "noise")  # before the operation; in its middle; in its middle, and cells in between


class Chip:
    """For VfsLfs2. `log`: (place, bytes) of every program, (place, None) of every erase."""

    def __init__(self, image):
        self.image = image
        self.log = []
        self.worn = -1  # a block that does not take what is written
        self.fails_after = -1  # operations until the chip refuses everything that is written; -1: never
        self.dead = False  # files of a chip without power may still be closed by the collector

    def readblocks(self, block, buf, offset=0):
        """Fill `buf`."""
        at = block * BLOCK + offset
        buf[:] = self.image[at : at + len(buf)]

    def writeblocks(self, block, buf, offset=None):
        """Program; without an offset whole blocks, erased before."""
        if self._fails():
            return -5  # EIO; an exception would leap through littlefs's own code
        if offset is None:
            self._do(block * BLOCK, None)
        self._do(block * BLOCK + (offset or 0), bytes(buf))
        return 0

    def ioctl(self, request, arg):
        """Count of blocks, size of one, erase."""
        if request == 4:
            return len(self.image) // BLOCK
        if request == 5:
            return BLOCK
        if request == 6:
            if self._fails():
                return -5
            self._do(arg * BLOCK, None)
        return 0

    def _fails(self):
        return self.dead or 0 <= self.fails_after <= len(self.log)

    def _do(self, at, data):
        self.log.append((at, data))
        if data is None or at // BLOCK != self.worn:
            done(self.image, at, data)


def done(image, at, data):
    """Do an operation."""
    data = ERASED if data is None else data
    image[at : at + len(data)] = data


def left_of(image, log, count, way, random):
    """The image after `count` operations of the log, with the next one cut in that `way`."""
    image = bytearray(image)
    for at, data in log[:count]:
        done(image, at, data)
    if way != "cut" and count < len(log):
        at, data = log[count]
        data = ERASED if data is None else data
        half = len(data) // 2
        image[at : at + half] = data[:half]
        if way == "noise":
            for i in range(half, min(half + 16, len(data))):
                image[at + i] = random() & 255
    return image


def mounted(image, path, fresh=False):
    """Mount what is on the image; the chip."""
    chip = Chip(image)
    if fresh:
        vfs.VfsLfs2.mkfs(chip)
    vfs.mount(vfs.VfsLfs2(chip), path)
    return chip


def off(chip, path):
    """Power off."""
    chip.dead = True
    vfs.umount(path)
