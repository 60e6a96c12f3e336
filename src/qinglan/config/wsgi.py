"""The WSGI entry: each worker process joins the database before it answers."""

import os

from django.core.wsgi import get_wsgi_application

from qinglan import server
from qinglan.config.lifeline import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qinglan.config.settings")
end_with_parent()
server.join()
application = get_wsgi_application()
