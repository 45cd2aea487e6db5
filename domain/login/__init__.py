"""The mini-program's sessions on people's devices: beginning one, finding one by its token, ending
one.

Called by the word of the door, for "session" is what a class has (domain/training). What ends
sessions because an identity is another person's by now is in domain/people/identities.py, below.
"""
