"""The WSGI entry: each worker process joins the database before it answers."""

import os

from django.core.wsgi import get_wsgi_application

from qinglan import server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qinglan.config.settings")
server.join()
application = get_wsgi_application()
