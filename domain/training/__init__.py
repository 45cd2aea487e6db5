"""Classes (班期): enrol before training, file before opening (L11).

`life.py` is the table of what may follow what, `rules.py` what each step needs, `details.py` what a
holder writes. `actions.py` and `proof.py` change a class, which `locking.py` holds and saves;
`queries.py` answers with the plain values of `views.py`. What goes on in a class once it is held
belongs into areas above domain/enrolments.
"""
