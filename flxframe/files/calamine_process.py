"""The process that reads a workbook with python-calamine. It imports nothing of flxframe.

A damaged file can make python-calamine panic, print to the error stream, take all memory or never
end. In a process of its own it ends alone. It is started with the file, the folder of
python-calamine and a limit of its memory, and writes its answer to the standard output.
"""

from __future__ import annotations

import os
import pickle
import sys
from contextlib import suppress
from typing import Any


def read_sheets(path: str) -> dict[str, Any]:
    """Return the cells and the merged ranges of each worksheet, or why they cannot be read.

    Parameters
    ----------
    path : str
        The file.

    Returns
    -------
    dict
        ``sheets``, by name: rows and merged ranges, or the text of an error; or ``error`` or
        ``protected`` for the whole file.
    """
    import python_calamine  # noqa: PLC0415  only after the limit of the memory is set

    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
    except python_calamine.PasswordError as error:
        return {"protected": str(error)}
    except BaseException as error:  # a panic is not an Exception
        return {"error": _reason(error)}

    worksheet = python_calamine.SheetTypeEnum.WorkSheet
    sheets: dict[str, Any] = {}
    for metadata in workbook.sheets_metadata:
        if metadata.typ != worksheet:
            continue
        try:
            sheet = workbook.get_sheet_by_name(metadata.name)
            rows = sheet.to_python(skip_empty_area=False)
            sheets[metadata.name] = (rows, sheet.merged_cell_ranges or [])
        except BaseException as error:
            sheets[metadata.name] = _reason(error)
    return {"sheets": sheets}


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _limit_memory(size: int) -> None:
    with suppress(ImportError, OSError, ValueError):  # other systems have no such limit
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def main() -> None:
    """Read the file that is named on the command line."""
    path, folder, size = sys.argv[1:]
    sys.path.append(folder)
    _limit_memory(int(size))
    answer = pickle.dumps(read_sheets(path), protocol=pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
