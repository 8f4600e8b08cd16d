"""Official documents (公文): the measures of GB/T 9704-2012, the sources of their figures, and the check of an edited paper."""
