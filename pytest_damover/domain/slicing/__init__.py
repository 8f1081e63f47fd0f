"""Named subsets of cases, those that follow from the pictures, and the search among them."""
