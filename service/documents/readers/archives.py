"""ZIP files that documents come in: what they hold, looked at before anything is unpacked."""

import zipfile
from io import BytesIO

from service.documents.document import LARGEST_UNPACKED, Unreadable

_MOST_MEMBERS = 5_000
_MOST_TIMES = 200
_SMALL = 1 << 20


def opened(content: bytes, what: str) -> zipfile.ZipFile:
    """The archive.

    Raises:
        Unreadable: it is broken or encrypted, or what it holds would be too large unpacked.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Unreadable(f"the {what} is a broken ZIP file") from None
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS:
        raise Unreadable(f"the {what} holds {len(members):,} files (at most {_MOST_MEMBERS:,})")
    if any(each.flag_bits & 1 for each in members):
        raise Unreadable(f"the {what} is encrypted: it opens with a password alone")
    size = sum(each.file_size for each in members)
    if size > LARGEST_UNPACKED * 2 or (size > _SMALL and size > _MOST_TIMES * len(content)):
        raise Unreadable(f"the {what} would unpack to {size:,} bytes, too many for its {len(content):,}")
    return archive
