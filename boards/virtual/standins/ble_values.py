"""The attribute values of the virtual board's GATT server, with NimBLE's buffers as MicroPython sets them up."""

_EINVAL = const(22)  # noqa: F821
_DEFAULT = const(20)  # noqa: F821


class Values:
    """Value handle -> [buffer, length, append]. What a peer writes beyond the buffer is dropped without a word."""

    def __init__(self):
        self._of = {}

    def clear(self, handles):
        self._of = {handle: [bytearray(_DEFAULT), 0, False] for handle in handles}

    def _value(self, handle):
        if handle not in self._of:
            raise OSError(_EINVAL)
        return self._of[handle]

    def peek(self, handle):
        value = self._value(handle)
        return memoryview(value[0])[: value[1]]

    def read(self, handle):
        """The value; an append buffer is empty afterwards."""
        value = self._value(handle)
        data = bytes(value[0][: value[1]])
        if value[2]:
            value[1] = 0
        return data

    def write(self, handle, data):
        value = self._value(handle)
        if len(data) > len(value[0]):
            value[0] = bytearray(len(data))  # the firmware's own write makes room
        value[0][: len(data)] = data
        value[1] = len(data)

    def resize(self, handle, length, append):
        value = self._value(handle)
        value[0] = bytearray(length)
        value[1] = 0
        value[2] = append

    def written(self, handle, data):
        """A peer's write: after what is there in append mode, else instead of it."""
        value = self._value(handle)
        start = value[1] if value[2] else 0
        n = min(len(value[0]) - start, len(data))
        value[0][start : start + n] = data[:n]
        value[1] = start + n
