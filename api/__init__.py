"""The API below /api, for the mini-program, and below it the staff console (console/).

One module for each area, with `add_…(app)` or views that application.py routes: people (login,
identity, me), classes, enrolments, employers with their classes and rosters (firm_…), requests,
institutions, policies, faq. What all of them stand on: views.py (shapes and answers), tools.py,
sessions.py (who is signed in), idempotency.py, paging.py, limits.py, refusals.py; openapi.py and
docs.py make the document, whose words lie in words/<part>.yaml.
"""
