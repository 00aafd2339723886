"""SMP and its CBOR: known vectors, pieces of any size, and hostile bytes."""

from pacing import cbor, smp
from pacing.smp import Assembler

# RFC 8949, appendix A
VECTORS = (
    (0, "00"),
    (23, "17"),
    (24, "1818"),
    (100, "1864"),
    (1000, "1903e8"),
    (1000000, "1a000f4240"),
    (1000000000000, "1b000000e8d4a51000"),
    (18446744073709551615, "1bffffffffffffffff"),
    (-1, "20"),
    (-100, "3863"),
    (-1000, "3903e7"),
    (False, "f4"),
    (True, "f5"),
    (None, "f6"),
    (b"\x01\x02\x03\x04", "4401020304"),
    ("", "60"),
    ("IETF", "6449455446"),
    ("\u6c34", "63e6b0b4"),
    ([1, [2, 3], [4, 5]], "8301820203820405"),
    ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
)
INDEFINITE = (
    ([1, [2, 3], [4, 5]], "9f018202039f0405ffff"),
    ([], "9fff"),
    ({"a": 1, "b": [2, 3]}, "bf61610161629f0203ffff"),
)
HOSTILE = (
    "",  # nothing
    "18",  # a head cut short
    "1b00",
    "44010203",  # a string cut short
    "5bffffffffffffffff",  # 2**64 bytes
    "9bffffffffffffffff",
    "9a00100000",
    "b821" + "0000" * 33,  # 33 items
    "9f" + "00" * 33 + "ff",
    "9f" + "00" * 33,
    "8181818181" + "00",  # five deep
    "bf6161ff",  # a key without a value
    "a1" + "8000",  # a list as key
    "a1" + "f600",  # null as key
    "9f",  # never ends
    "ff",
    "f7",  # undefined
    "f93c00",  # a float
    "c000",  # a tag
    "5f4100ff",  # an indefinite string
    "62ff61",  # not UTF-8
    "1c",  # reserved
    "0000",  # something behind the value
)


def encoded(value):
    out = bytearray()
    cbor.encode(value, out)
    return bytes(out)


def refused(call, *args):
    try:
        call(*args)
    except ValueError:
        return True
    return False


def request(*, version=1, op=smp.READ, group=8, seq=7, command=0, body=b"\xa0"):
    return bytes([version << 3 | op, 0, 0, len(body), 0, group, seq, command]) + body


def taken(frame, max_body=512):
    assembler = Assembler(max_body)
    assert assembler.feed(frame)
    return assembler


def test_cbor_vectors():
    for value, text in VECTORS:
        assert encoded(value) == bytes.fromhex(text), text
        got = cbor.decode(bytes.fromhex(text))
        assert got == value and type(got) is type(value), text


def test_cbor_indefinite():
    for value, text in INDEFINITE:
        assert cbor.decode(bytes.fromhex(text)) == value


def test_cbor_hostile():
    for text in HOSTILE:
        assert refused(cbor.decode, bytes.fromhex(text)), text
    assert refused(encoded, 1.5)


def test_cbor_bounds_are_reached():
    assert cbor.decode(b"\x98\x20" + b"\x00" * 32) == [0] * 32
    assert cbor.decode(b"\x9f" + b"\x00" * 32 + b"\xff") == [0] * 32
    assert cbor.decode(b"\x81\x81\x81\x81\x00") == [[[[0]]]]


def test_a_request_in_pieces_of_any_size():
    frame = request(op=smp.WRITE, group=0, seq=200, body=encoded({"d": "x" * 100}))
    for size in (1, 7, 8, 9, 20, 244):
        assembler = Assembler(256)
        for _ in range(2):  # the second request finds it ready again
            answers = [assembler.feed(frame[i : i + size]) for i in range(0, len(frame), size)]
            assert answers == [False] * (len(answers) - 1) + [True]
            assert not assembler.busy
            assert (assembler.op, assembler.version, assembler.group) == (smp.WRITE, 1, 0)
            assert (assembler.seq, assembler.command) == (200, 0)
            assert assembler.body() == {"d": "x" * 100}


def test_a_request_without_a_body():
    assert taken(request(body=b"")).body() == {}
    assert refused(taken(request(body=b"\x80")).body)


def test_a_request_that_is_too_long():
    frame = request(body=encoded({"d": "x" * 100}))
    assembler = Assembler(64)
    answers = [assembler.feed(frame[i : i + 20]) for i in range(0, len(frame), 20)]
    assert answers == [False] * (len(answers) - 1) + [True]
    assert assembler.too_long and refused(assembler.body)
    assert smp.refuse(assembler, smp.EMSGSIZE)[8:] == encoded({"rc": 7})
    assert assembler.feed(request()) and not assembler.too_long


def test_more_than_a_request_is_dropped():
    assembler = Assembler(64)
    assert not assembler.feed(request() + b"\x00")
    assert not assembler.busy
    assert assembler.feed(request())


def test_reset_forgets_half_a_request():
    assembler = Assembler(64)
    assembler.feed(request()[:5])
    assert assembler.busy
    assembler.reset()
    assert assembler.feed(request())


def test_responses_answer_in_kind():
    frame = smp.respond(taken(request(version=1, op=smp.WRITE, group=0, seq=9, command=0)), {"r": "hello"})
    assert bytes(frame[:8]) == bytes([1 << 3 | 3, 0, 0, 9, 0, 0, 9, 0])
    assert cbor.decode(frame, 8) == {"r": "hello"}
    assert smp.respond(taken(request(version=0)), {})[0] == 1


def test_refusals():
    v1 = taken(request(version=0))
    v2 = taken(request(version=1))
    assert cbor.decode(smp.refuse(v1, smp.ENOENT, smp.FS_NOT_FOUND), 8) == {"rc": 5}
    assert cbor.decode(smp.refuse(v2, smp.ENOENT, smp.FS_NOT_FOUND), 8) == {"err": {"group": 8, "rc": 3}}
    assert cbor.decode(smp.refuse(v2, smp.EACCESSDENIED), 8) == {"rc": 11}


def test_a_download_is_streamed():
    data = bytes(range(256)) * 128
    for off, count in ((0, 32768), (0, 0), (100, 23), (100, 24), (70000, 300)):
        head = smp.download_head(taken(request()), off, count, 123456)
        frame = bytes(head) + data[:count]
        assert len(frame) - 8 == frame[2] << 8 | frame[3]
        expected = {"off": off, "data": data[:count]}
        if off == 0:
            expected["len"] = 123456
        assert cbor.decode(frame, 8) == expected
