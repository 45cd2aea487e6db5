"""How often anyone may ask the API, by address.

Behind one address there may be a whole office, or all who share a mobile carrier's: the numbers
leave room for them, and keep one caller from taking the process that answers WeChat.
"""

from web.limits import By, Limit

#: Routing takes up to 25 ms of a question of 20,000 characters, 1 ms of a usual one.
QUESTIONS = Limit("questions", calls=300, seconds=60, by=By.ADDRESS)
#: Reads the names of all institutions.
DIRECTORY = Limit("directory", calls=300, seconds=60, by=By.ADDRESS)
#: What lies in memory: the notices, the document, its page.
READING = Limit("reading", calls=600, seconds=60, by=By.ADDRESS)
#: Reads PostgreSQL, for anybody: some milliseconds each.
CLASSES = Limit("classes", calls=300, seconds=60, by=By.ADDRESS)
#: A call of WeChat's, and a row of ours, by address: a whole hall may log in in one minute.
LOGINS = Limit("logins", calls=120, seconds=60, by=By.ADDRESS)
#: A person has one phone; a call of WeChat's each.
PHONES = Limit("phones", calls=10, seconds=3600, by=By.ACTOR)
#: Somebody who tries out IDs finds ten in an hour, from however many accounts a hundred.
BINDINGS = (
    Limit("bindings", calls=10, seconds=3600, by=By.ACTOR),
    Limit("bindings by address", calls=100, seconds=3600, by=By.ADDRESS),
)
#: A copy of everything reads every table that holds something of the person.
COPIES = Limit("copies", calls=20, seconds=3600, by=By.ACTOR)

#: One's own things: firms, requests. A page of the client asks for several.
OWN_READING = Limit("own things", calls=300, seconds=60, by=By.ACTOR)
#: Changes among a firm's contacts, and requests withdrawn.
OWN_CHANGES = Limit("own changes", calls=60, seconds=3600, by=By.ACTOR)
#: Somebody looks at some classes, enrols, leaves and enrols again.
ENROLMENTS = Limit("enrolments", calls=60, seconds=3600, by=By.ACTOR)
#: Somebody mistypes, scans again, checks in a session's two ends; wrong codes pause by themselves.
CHECK_INS = Limit("check ins", calls=30, seconds=60, by=By.ACTOR)
#: Who tries one firm after the other looks for one that their phone fits.
FIRM_BINDINGS = Limit("firm bindings", calls=20, seconds=3600, by=By.ACTOR)
#: Officers read each of them.
REQUESTS = Limit("requests", calls=10, seconds=3600, by=By.ACTOR)
#: A firm writes a class in many small steps; whoever leads several at once has room.
FIRM_CLASSES = Limit("firm classes", calls=300, seconds=3600, by=By.ACTOR)
#: A sheet of a whole class is drawn for each.
FIRM_SHEETS = Limit("firm sheets", calls=30, seconds=3600, by=By.ACTOR)
