"""What to do where the system refused to read or write, by its reason."""

import errno

_SPACE = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
_RIGHTS = (errno.EACCES, errno.EPERM, errno.EROFS)
_PLACE = (errno.ENOENT, errno.ENOTDIR)


def remedy(error: OSError, otherwise: str) -> str:
    """What a person does; `otherwise` is what is always left, a clause such as "choose another file"."""
    if error.errno in _SPACE:
        return f"Free space, or {otherwise}"
    if error.errno in _RIGHTS:
        return f"Ask its owner, change the permissions, or {otherwise}"
    if error.errno in _PLACE:
        return f"Create that folder, or {otherwise}"
    if error.errno == errno.ENAMETOOLONG:
        return f"Give a shorter name, or {otherwise}"
    return f"Correct that, or {otherwise}"


def os_error_text(error: OSError, what: object) -> str:
    """The system's words, with the name of a file; `what` where they have none."""
    return str(error) if error.filename is not None else f"{error}: {str(what)!r}"
