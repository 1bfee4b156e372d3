"""Looking for secrets in everything that an error drags along."""


def everything_said_by(error: BaseException) -> str:
    """The text of an error, of its attributes, and of all that hangs on it as cause or context."""
    said: list[str] = []
    waiting: list[BaseException | None] = [error]
    known: set[int] = set()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in known:
            continue
        known.add(id(each))
        said += [str(each), repr(each), repr(each.args), repr(vars(each))]
        waiting += [each.__cause__, each.__context__]
    return "\n".join(said)
