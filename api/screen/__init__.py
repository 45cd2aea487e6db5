"""The class screen (班级大屏) below /screen/: the code of the moment, and who is in, live."""
