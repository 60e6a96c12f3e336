"""Starts, joins and stops the embedded PostgreSQL: the only file that knows it. Standard library only.

Who does what. A *client* (any command, test run or web worker) calls `join()`. The first one starts a *supervisor*, a small
process of its own session, which starts the *postmaster* and stops it when no client is left.

Three files under the state folder are locked, never read to learn who is alive: the kernel frees a lock when its holder
dies, however it dies, so nothing here can be stale.

    clients.lock     shared by every client; the supervisor may stop the server only while it holds it exclusively
    supervisor.lock  held by the one supervisor
    server.lock      inherited by the postmaster and all its children; free means that not one of them is left

Hence: a killed client is forgotten; after a killed supervisor the next one adopts the running postmaster; after a killed
postmaster the supervisor waits for the orphans, removes the stale pid file and starts again.
"""

from qinglan.server.client import join, leave, status, stop
from qinglan.server.places import APP, OWNER, PACKAGE_DIR, ServerError, binaries, connection, data_dir, external_url

__all__ = [
    "APP",
    "OWNER",
    "PACKAGE_DIR",
    "ServerError",
    "binaries",
    "connection",
    "data_dir",
    "external_url",
    "join",
    "leave",
    "status",
    "stop",
]
