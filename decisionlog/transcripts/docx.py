"""The text of a Word document, from senders that nobody vouches for."""

import io
import zipfile

from decisionlog.transcripts.transcript import UnreadableTranscript

# A Word document is a zip of XML, and a few kilobytes of zip can hold gigabytes.
_MOST_ENTRIES = 1000
_LARGEST_TOTAL = 16 * 1024 * 1024
_LARGEST_RATIO = 200
_SMALL_ENTRY = 1024 * 1024


def is_zip(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04")


def text_of_docx(data: bytes) -> str:
    """One line a paragraph, tables included, in the order of the document.

    Raises UnreadableTranscript for what is no Word document, or unpacks to more than 16 MB.
    """
    # python-docx brings lxml along, which every start of the application would pay for.
    from docx import Document
    from docx.oxml.ns import qn
    from docx.text.paragraph import Paragraph

    try:
        _refuse_bombs(data)
        document = Document(io.BytesIO(data))
        paragraphs = document.element.body.iter(qn("w:p"))
        return "\n".join(Paragraph(paragraph, document).text for paragraph in paragraphs)
    except UnreadableTranscript:
        raise
    except Exception as error:  # python-docx lets through whatever zip, XML and its own code raise
        raise UnreadableTranscript("this is not a Word document") from error


def _refuse_bombs(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise UnreadableTranscript(f"the document has more than {_MOST_ENTRIES} parts")
    if sum(entry.file_size for entry in entries) > _LARGEST_TOTAL:
        raise UnreadableTranscript("the document unpacks to more than 16 MB")
    for entry in entries:
        if entry.file_size > max(_SMALL_ENTRY, _LARGEST_RATIO * entry.compress_size):
            raise UnreadableTranscript("the document is packed more tightly than documents are")
