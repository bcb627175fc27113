"""A zip archive written as it goes (PKWARE, APPNOTE.TXT 6.3.10, section 4.3), in bounded memory.

`zipfile` and the streaming libraries keep an object for every file until the end, where the
archive's directory stands. Here the directory waits on the disk once it is large.
"""

import tempfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date
from struct import Struct

LOCAL = Struct("<4s5H3I2H")
CENTRAL = Struct("<4s6H3I5H2I")
FAR_OFFSET = Struct("<2HQ")
END_64 = Struct("<4sQ2H2I4Q")
LOCATOR_64 = Struct("<4sIQI")
END = Struct("<4s4H2IH")

VERSION, VERSION_64 = 20, 45
MADE_ON_UNIX = 3 << 8
MODE = 0o100644 << 16
UTF_8 = 1 << 11
DEFLATED = 8
# A field that is full says: look in the ZIP64 one.
FULL_16, FULL_32 = 0xFFFF, 0xFFFFFFFF
NEAR_MAX = FULL_32
IN_MEMORY = 1 << 20
PIECE = 1 << 16


def archive(files: Iterable[tuple[str, date, bytes]]) -> Iterator[bytes]:
    """The archive of (name, day, content) in pieces, one file in memory at a time."""
    count = offset = 0
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as directory:
        for name, day, content in files:
            facts, data = _packed(name, day, content)
            directory.write(_directory_entry(name, facts, offset))
            local = LOCAL.pack(b"PK\3\4", VERSION, *facts, 0) + name.encode() + data
            yield local
            offset += len(local)
            count += 1
        size = directory.tell()
        directory.seek(0)
        yield from iter(lambda: directory.read(PIECE), b"")
    yield _end(count, size, offset)


def _packed(name: str, day: date, content: bytes) -> tuple[tuple[int, ...], bytes]:
    """What both headers of a file say, from its flags to the length of its name, and its data."""
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    data = deflate.compress(content) + deflate.flush()
    # MS-DOS counts the years from 1980 and knows none before.
    stamp = (day.year - 1980) << 9 | day.month << 5 | day.day if day.year >= 1980 else 1 << 5 | 1
    sizes = (zlib.crc32(content), len(data), len(content), len(name.encode()))
    return (UTF_8, DEFLATED, 0, stamp, *sizes), data


def _directory_entry(name: str, facts: tuple[int, ...], offset: int) -> bytes:
    extra = FAR_OFFSET.pack(1, 8, offset) if offset >= NEAR_MAX else b""
    version = VERSION_64 if extra else VERSION
    where = FULL_32 if extra else offset
    head = (b"PK\1\2", MADE_ON_UNIX | version, version, *facts, len(extra), 0, 0, 0, MODE, where)
    return CENTRAL.pack(*head) + name.encode() + extra


def _end(count: int, size: int, offset: int) -> bytes:
    near = count < FULL_16 and offset + size < NEAR_MAX
    fields = (count, count, size, offset)
    if near:
        return END.pack(b"PK\5\6", 0, 0, *fields, 0)
    made = (MADE_ON_UNIX | VERSION_64, VERSION_64)
    return (
        END_64.pack(b"PK\6\6", END_64.size - 12, *made, 0, 0, *fields)
        + LOCATOR_64.pack(b"PK\6\7", 0, offset + size, 1)
        + END.pack(b"PK\5\6", 0, 0, FULL_16, FULL_16, FULL_32, FULL_32, 0)
    )
