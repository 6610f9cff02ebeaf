"""Negative numbers on pages; files and the command line have the hyphen that programs read."""


def with_minus(number: str) -> str:
    """A minus sign is as wide as a digit; a hyphen is not. None before what is rounded to 0."""
    return number.replace("-", "\N{MINUS SIGN}" if number.strip("-.0 %") else "")
