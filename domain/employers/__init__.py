"""Firms (用人单位): the register of them, and the people who act for each."""
