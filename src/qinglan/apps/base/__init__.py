"""Components, htmx, paging, scope by organisation code, files and jobs that every app uses."""
