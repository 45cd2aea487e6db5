"""Who is in a class (报名): before it is filed by enrolling, afterwards by amendments, and how
each of them was told their rights (L11, L12).

`actions.py` enrols and takes out one person, `admission.py` says whether they may come in;
`bulk.py` and `roster.py` take a whole sheet, `reservations.py` a firm's places, `amendments.py` a
change after the filing, `correcting.py` puts a name right. `notice.py` words what people are told
and notes it, `telling.py` is somebody telling it face to face. `locking.py` says what is held in
which order.
"""
