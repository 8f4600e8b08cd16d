"""What the process from which notebooks are forked has at hand: importing this module imports and prepares the stack.

Nothing here draws, compiles, reads a table or starts a thread: a fork of a process that has may hang for ever.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pkgutil
import string
import sys
from importlib import import_module
from pathlib import Path

LIBRARIES = """
    IPython.core.application IPython.core.completerlib IPython.core.logger IPython.core.magics IPython.core.oinspect
    bdb encodings.gb2312
    matplotlib.backends.backend_agg matplotlib.backends.backend_svg matplotlib.pyplot nbclient.client
    pandas.core.methods.to_dict pandas.core.reshape.reshape papermill pyarrow.pandas_compat pyarrow.parquet
    pyarrow.vendored.version typst
""".split()
"""What is imported late, in the child otherwise; our own pages and exporters bring the rest."""


def warm() -> None:
    """Import the libraries, our pages and our exporters, and fill the caches that every page fills."""
    gc.disable()  # there is nothing to be found among what is being imported
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    import_module("jsonschema")  # would read a grammar for a second, to check what notebooks do not have
    del sys.modules["rfc3987_syntax"]
    import nbformat
    import pandas as pd

    import lianzheng.pages
    from lianzheng.fonts import chart_font, coverage
    from lianzheng.pages.html import style_sheet, to_html
    from lianzheng.pages.measured import em_width
    from lianzheng.pages.wording import wording
    from lianzheng.publish import cells, run  # noqa: F401
    from lianzheng.publish.execute import exporter
    from lianzheng.publish.jobs import FORMATS
    from lianzheng.publish.notebook import blocks_of_markdown
    from lianzheng.publish.pdf import typst_fonts
    from lianzheng.tables.schema import schemas
    from lianzheng.trace.chain import names_of_columns

    for name in LIBRARIES:
        import_module(name)
    for module in pkgutil.iter_modules(lianzheng.pages.__path__, "lianzheng.pages."):
        import_module(module.name)
    for exporter_name in FORMATS.values():
        exporter(exporter_name)
    nbformat.validate(nbformat.v4.new_notebook())
    list(blocks_of_markdown(""))
    for fill in (chart_font, coverage, wording, style_sheet, schemas, names_of_columns):
        fill()
    to_html(())
    em_width(
        string.digits + string.ascii_letters + string.punctuation + " ，。、；：！？（）《》〔〕“”·—–−…％"
    )  # the charts' font, measured; a page chooses it
    typst_fonts(None)
    pd.options.mode.string_storage = "python"  # for the small frames of pages pyarrow takes a tenth longer
    _know_cycle()
    gc.collect()
    gc.enable()
    gc.freeze()  # what is here stays: no later search for unused circles touches, and so copies, it


def _know_cycle() -> None:
    """Read the configuration that children are going to ask for; what is wrong with it they say themselves."""
    from lianzheng.config import load_config
    from lianzheng.errors import LianzhengError
    from lianzheng.publish.children import WARM_CYCLE

    cycle, _, project = os.environ.get(WARM_CYCLE, "").partition("|")
    if project:
        with contextlib.suppress(LianzhengError, OSError):
            load_config(int(cycle), Path(project))


warm()
