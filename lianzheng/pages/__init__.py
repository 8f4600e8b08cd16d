"""Everything a notebook calls: one page class per notebook, and the rich blocks that a cell returns."""
