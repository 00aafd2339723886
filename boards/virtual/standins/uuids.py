"""bluetooth.UUID: 16, 32 or 128 bits, from a number, text or raw little-endian bytes."""

import binascii


class UUID:
    def __init__(self, value):
        if isinstance(value, int):
            if not 0 <= value <= 0xFFFF:
                raise ValueError("invalid UUID")
            self._raw = value.to_bytes(2, "little")
            return
        raw = value.encode() if isinstance(value, str) else bytes(value)
        if len(raw) not in (2, 4, 16):  # so UUID("AB12") is four raw bytes, as on a device
            raw = bytes(reversed(binascii.unhexlify(raw.replace(b"-", b""))))
            if len(raw) != 16:
                raise ValueError("invalid UUID")
        self._raw = raw

    def __iter__(self):
        return iter(self._raw)

    def __len__(self):
        return len(self._raw)

    def __eq__(self, other):
        return isinstance(other, UUID) and self._raw == other._raw

    def __hash__(self):
        return hash(self._raw)

    def __repr__(self):
        text = binascii.hexlify(bytes(reversed(self._raw))).decode()
        if len(self._raw) < 16:
            return "UUID(0x%s)" % text
        return "UUID('%s-%s-%s-%s-%s')" % (text[:8], text[8:12], text[12:16], text[16:20], text[20:])
