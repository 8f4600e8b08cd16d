"""A sample bureau with known truth: invented units, messy files, planted faults."""

from lianzheng.demo.files import write_demo
from lianzheng.demo.project import make_project

__all__ = ["make_project", "write_demo"]
