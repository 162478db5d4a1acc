"""Cells of the sheets that we hand out."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """`cell` as a sheet takes it for words: what begins like a formula would be worked out when the file is opened."""
    return "'" + cell if cell.startswith(_FORMULA) else cell
