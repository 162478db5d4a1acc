"""The chat page: plain files that a browser runs as they are, and their routes.

The page knows only the control APIs under `/telegram/control` and `/gateway/control` of the origin it came from.
"""

from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing but our own files runs, should a message ever slip through as markup."""
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def routes() -> list[web.RouteDef]:
    """`/` and `/page/<file>`, to be added to the application that also mounts the stand-ins."""
    return [web.get("/", _index), web.get("/page/{name:[a-z-]+[.][a-z]+}", _file)]


async def _index(request: web.Request) -> web.Response:
    return _answer(STATIC / "index.html")


async def _file(request: web.Request) -> web.Response:
    path = STATIC / request.match_info["name"]
    if path.suffix not in _TYPES or not path.is_file():
        raise web.HTTPNotFound
    return _answer(path)


def _answer(path: Path) -> web.Response:
    response = web.Response(body=path.read_bytes(), content_type=_TYPES[path.suffix], charset="utf-8")
    response.headers.update(
        {
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
        }
    )
    return response
