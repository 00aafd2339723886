"""CBOR (RFC 8949), as much as SMP needs: integers, booleans, null, text, bytes, arrays and maps. No floats, no tags.

Decoding trusts nothing: every bound is hard, and whatever is wrong is a ValueError.
"""

MAX_DEPTH = 4
MAX_ITEMS = 32  # in one array or map
MAX_VALUES = 64  # in all: a thousand empty maps would take twenty times their bytes

INDEFINITE = 31
BREAK = 0xFF


def encode_head(out: bytearray, major: int, n: int):
    """Append the head of major type `major` with the argument `n` (0 .. 2**64 - 1), in its shortest form."""
    if n < 24:
        out.append(major << 5 | n)
        return
    info, size = (24, 1) if n < 1 << 8 else (25, 2) if n < 1 << 16 else (26, 4) if n < 1 << 32 else (27, 8)
    out.append(major << 5 | info)
    out.extend(n.to_bytes(size, "big"))


def encode(value, out: bytearray):
    """Append `value`: int, bool, None, str, bytes-like, list or tuple, dict. Anything else is a ValueError."""
    if value is None or value is False or value is True:
        out.append(0xF6 if value is None else 0xF5 if value else 0xF4)
    elif isinstance(value, int):
        encode_head(out, 0, value) if value >= 0 else encode_head(out, 1, -1 - value)
    elif isinstance(value, str):
        _string(out, 3, value.encode())
    elif isinstance(value, (bytes, bytearray, memoryview)):
        _string(out, 2, value)
    elif isinstance(value, (list, tuple)):
        encode_head(out, 4, len(value))
        for item in value:
            encode(item, out)
    elif isinstance(value, dict):
        encode_head(out, 5, len(value))
        for key in value:
            encode(key, out)
            encode(value[key], out)
    else:
        raise ValueError("no CBOR for this type")


def _string(out, major, data):
    encode_head(out, major, len(data))
    out.extend(data)


def decode(data, start: int = 0):
    """The one value that fills `data` (bytes-like) from `start` to its end."""
    decoder = _Decoder(data, start)
    value = decoder.value(0)
    if decoder.at != len(data):
        raise ValueError("bytes behind the value")
    return value


class _Decoder:
    def __init__(self, data, at):
        self._data = data
        self.at = at
        self._left = MAX_VALUES

    def value(self, depth):
        self._left -= 1
        if self._left < 0:
            raise ValueError("too many values")
        first = self._byte()
        major = first >> 5
        info = first & 31
        if major == 7:
            return self._simple(info)
        if major >= 4:
            return self._container(major, info, depth + 1)
        n = self._argument(info)
        if major == 0:
            return n
        if major == 1:
            return -1 - n
        data = self._take(n)
        return bytes(data) if major == 2 else str(bytes(data), "utf-8")

    def _container(self, major, info, depth):
        if major == 6 or depth > MAX_DEPTH:
            raise ValueError("a tag, or nested too deeply")
        left = MAX_ITEMS + 1 if info == INDEFINITE else self._argument(info)
        if left > MAX_ITEMS and info != INDEFINITE:
            raise ValueError("too many items")
        items = [] if major == 4 else {}
        while left and not (info == INDEFINITE and self._broken()):
            left -= 1
            if isinstance(items, list):
                items.append(self.value(depth))
            else:
                key = self.value(depth)
                if not isinstance(key, (int, str)):
                    raise ValueError("a key that is no text or number")
                items[key] = self.value(depth)
        if len(items) > MAX_ITEMS:
            raise ValueError("too many items")
        return items

    def _broken(self):
        """True and one byte on at the break that ends an indefinite container."""
        if self.at < len(self._data) and self._data[self.at] == BREAK:
            self.at += 1
            return True
        return False

    def _simple(self, info):
        if not 20 <= info <= 22:
            raise ValueError("a float, or a simple value without a meaning")
        return None if info == 22 else info == 21

    def _argument(self, info):
        if info < 24:
            return info
        if info > 27:
            raise ValueError("an indefinite string, or a reserved head")
        return int.from_bytes(self._take(1 << (info - 24)), "big")

    def _byte(self):
        return self._take(1)[0]

    def _take(self, n):
        if n > len(self._data) - self.at:
            raise ValueError("cut short")
        self.at += n
        return self._data[self.at - n : self.at]
