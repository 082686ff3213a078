"""What the API refuses."""

DOCS = "https://docs.github.com/rest"


class Refused(Exception):
    def __init__(self, status, message, errors=None, at=DOCS, fields=()):
        self.status, self.fields = status, dict(fields)
        self.body = {"message": message, **({"errors": errors} if errors else {}), "documentation_url": at, "status": str(status)}


def not_found():
    return Refused(404, "Not Found")
