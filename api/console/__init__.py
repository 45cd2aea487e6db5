"""The staff console below /console/: HTML made on the server, plain forms, small scripts on top.

`ground.py` is what every page stands on, `page.py` answers with one, `navigation.py` are the
places of the rail, `forgery.py` keeps other sites' forms out. Pages are put together from
`tables.py` with `filters.py`, from `form.py` with `fields.py`, and from the macros of
templates/macros.html.j2; `shown.py` says how a value is written. Each area has a module of its
own with `add_routes(app)`, which `application.py` calls. docs/console.md shows how a page is made.
"""
