"""Who is in a class (报名): before it is filed by enrolling, afterwards by amendments, and how
each of them was told their rights (L11, L12)."""
