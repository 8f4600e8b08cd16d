"""The exporter of sources.csv: the address of every number and name that a page tells."""

from __future__ import annotations

from lianzheng.documents.sources import sources_csv, sources_of
from lianzheng.publish.notebook import Document
from lianzheng.publish.pdf import DocumentExporter


class SourcesExporter(DocumentExporter):
    """Executed notebook → CSV bytes, a line for each citation in the order of the Word file's bookmarks."""

    export_from_notebook = "lianzheng sources"
    output_mimetype = "text/csv"

    def _file_extension_default(self) -> str:
        return ".csv"

    def write(self, document: Document) -> bytes:
        """The addresses of the document's citations."""
        return sources_csv(sources_of(document.blocks))
