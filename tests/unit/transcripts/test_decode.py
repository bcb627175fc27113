"""Bytes to text, and the limits on Word documents."""

import io
import zipfile

import pytest
from docx import Document

from decisionlog.transcripts import UnreadableTranscript, decode


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_files_are_decoded(encoding):
    assert decode("Inês: Olá.\nשרה: כן\n".encode(encoding)) == "Inês: Olá.\nשרה: כן\n"


def test_big_endian_utf16_with_its_mark_is_decoded():
    assert decode(b"\xfe\xff" + "Inês: Olá.".encode("utf-16-be")) == "Inês: Olá."


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"Anna: Hi.\r\nBen: Ol\xe1.\n", 2),
        (b"\xef\xbb\xbf\xff", 1),
        ("Anna: Hi.\nBen: Hi.".encode("utf-16") + b"\x00", 2),
    ],
    ids=["latin-1", "after-the-mark", "utf-16"],
)
def test_bytes_that_are_no_text_name_their_line(data, line):
    with pytest.raises(UnreadableTranscript, match="bytes") as caught:
        decode(data)

    assert caught.value.line == line


def docx_bytes(*paragraphs: str) -> bytes:
    document, buffer = Document(), io.BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(buffer)
    return buffer.getvalue()


def repacked(data: bytes, extra: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in extra.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_word_document_is_known_by_its_content_and_read_in_order():
    document, buffer = Document(), io.BytesIO()
    document.add_paragraph("Anna: First.")
    document.add_table(1, 1).cell(0, 0).text = "Ben: Second."
    document.add_paragraph("Anna: Third.")
    document.save(buffer)

    assert decode(buffer.getvalue(), "notes.txt").split("\n") == [
        "Anna: First.",
        "Ben: Second.",
        "Anna: Third.",
    ]


def test_a_file_called_docx_that_is_none_is_refused():
    with pytest.raises(UnreadableTranscript, match="Word"):
        decode(b"Anna: Hi.", "minutes.DOCX")


def test_a_damaged_or_other_zip_is_refused():
    data = docx_bytes("Anna: Hi.")
    for broken in (data[: len(data) // 2], repacked(b"", {"a.txt": b"hello"}), data[:30]):
        with pytest.raises(UnreadableTranscript, match="Word"):
            decode(broken)


def test_a_document_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked():
    tight = repacked(docx_bytes("Anna: Hi."), {"word/media/a.bin": bytes(8 * 1024 * 1024)})
    large = repacked(
        docx_bytes("Anna: Hi."), {f"word/media/{n}.bin": bytes(1024 * 1024) for n in range(17)}
    )
    many = repacked(docx_bytes("Anna: Hi."), {f"word/media/{n}": b"" for n in range(1000)})

    for data, reason in ((tight, "tightly"), (large, "16 MB"), (many, "1000 parts")):
        with pytest.raises(UnreadableTranscript, match=reason):
            decode(data)
