"""Distances as people say them."""

_KILOMETRE = 1000
#: From so many metres on nobody cares for a part of a kilometre.
_WHOLE_FROM = 9_950


def show_distance(metres: float) -> str:
    """320米, 5.9公里, 1,234公里."""
    if round(metres) < _KILOMETRE:
        return f"{round(metres)}米"
    if metres < _WHOLE_FROM:
        return f"{metres / _KILOMETRE:.1f}".removesuffix(".0") + "公里"
    return f"{round(metres / _KILOMETRE):,}公里"
