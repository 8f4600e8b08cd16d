"""The HTML exporter: one self-contained file, no script, no external address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import TemplateExporter
from nbformat import NotebookNode

from lianzheng.pages.html import style_sheet, to_html
from lianzheng.publish.checks import check_html
from lianzheng.publish.notebook import read_document

_FOLDER = Path(__file__).parent / "templates"
_TEMPLATES = {
    "extra_template_basedirs": [str(_FOLDER)],
    "template_name": "lianzheng",
}


class LianzhengHTMLExporter(TemplateExporter):
    """Executed notebook → HTML text; raises PublishError for what must not be published."""

    export_from_notebook = "lianzheng HTML"
    output_mimetype = "text/html"

    def __init__(self, config: Any = None, **options: Any) -> None:
        super().__init__(config, **{**_TEMPLATES, **options})

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **options: Any) -> tuple[Any, Any]:
        """The page and the resources; the template sees the blocks, never the cells."""
        document = read_document(nb)
        style = style_sheet()
        if document.facts.density == "official":
            style += (_FOLDER / "official.css").read_text(encoding="utf-8")
        page = {"document": document, "style": style, "body": to_html(document.blocks)}
        resources = self._init_resources(resources)
        text = self.template.render(nb=nb, resources={**resources, "lianzheng": page})
        check_html(text, n_charts=len(document.charts))
        return text, resources
