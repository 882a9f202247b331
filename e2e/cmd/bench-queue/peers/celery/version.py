"""Which versions are measured."""

import platform
from importlib.metadata import version

print(
    f"Celery {version('celery')} (Flask {version('flask')}, gunicorn {version('gunicorn')}, "
    f"redis {version('redis')}, Python {platform.python_version()})"
)
