"""What a page of a list holds."""


def ids(body):
    return [entry["id"] for entry in body["decisions"]]
