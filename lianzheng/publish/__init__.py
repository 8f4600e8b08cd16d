"""publish: run list, notebooks in processes, HTML, PDF and Word exporters, index page, product checks."""
