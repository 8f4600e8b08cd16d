from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fontTools import subset
from fontTools.ttLib import TTFont

from lianzheng import fonts
from lianzheng.errors import InputError


def renamed_font(path: Path, family: str) -> Path:
    """A few glyphs of the embedded serif under another family name, as an office's font file."""
    font = TTFont(fonts.embedded_fonts()[0])
    subsetter = subset.Subsetter(subset.Options(notdef_outline=True, layout_features=[], name_IDs=["*"]))
    subsetter.populate(text="仿宋正文一二三")
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 4, 6, 16):
            record.string = family
    font.save(path)
    return path


@pytest.fixture
def office_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    renamed_font(tmp_path / "a.otf", "FangSong_GB2312")
    renamed_font(tmp_path / "b.otf", "Comic")
    (tmp_path / "readme.txt").write_text("no font", encoding="utf-8")
    monkeypatch.setenv("LIANZHENG_FONTS", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("党风廉政〔2018〕3号①—…％℃±≥〇", "党风廉政〔2018〕3号①—…％℃±≥〇"),
        ("好\U0001f600", "好〔U+1F600〕"),
        ("倒\u202e写", "倒〔U+202E〕写"),
        ("零宽\u200b字\ufeff", "零宽〔U+200B〕字〔U+FEFF〕"),
        ("铃\x07", "铃〔U+0007〕"),
        ("软\u00ad连", "软〔U+00AD〕连"),
        ("ئۇيغۇر"[:1], "〔U+0626〕"),
        ("𠮷", "〔U+20BB7〕"),
        ("孤\ud800", "孤〔U+D800〕"),
        ("一\n二\t三\r\n四", "一 二 三 四"),
        ("全角　空格", "全角　空格"),
    ],
)
def test_what_the_fonts_lack_is_shown_as_its_code_point(text: str, shown: str) -> None:
    assert fonts.displayable(text) == shown
    assert fonts.displayable(shown) == shown


def test_the_fonts_can_draw_what_fonttools_finds_in_their_maps() -> None:
    maps = [frozenset(TTFont(path, lazy=True).getBestCmap()) for path in fonts.embedded_fonts()]
    assert fonts.coverage() == maps[0] & maps[1]


def test_uncovered_names_each_character_once_in_order() -> None:
    assert fonts.uncovered("甲\U0001f600乙\u202e\U0001f600\n") == ["\U0001f600", "\u202e"]
    assert fonts.uncovered("全部都有 2018\n") == []


def test_without_a_folder_there_are_the_two_fonts_from_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIANZHENG_FONTS", raising=False)
    assert [path.name for path in fonts.font_paths()] == ["NotoSerifSC-Regular.otf", "NotoSansSC-Regular.otf"]


def test_the_offices_fonts_are_found_by_the_name_inside_the_file(office_folder: Path) -> None:
    assert fonts.office_fonts(fonts.configured_folder()) == {"body": office_folder / "a.otf"}
    assert fonts.font_paths()[2:] == (office_folder / "a.otf",)


def test_the_pdf_uses_the_offices_font_first(office_folder: Path) -> None:
    from lianzheng.publish.pdf import families

    assert families()["body"] == ["FangSong_GB2312", "Noto Serif SC"]
    assert families()["heading"] == ["Noto Sans SC"]


def test_a_folder_that_does_not_exist_or_a_broken_font_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIANZHENG_FONTS", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="nowhere"):
        fonts.configured_folder()
    (tmp_path / "broken.ttf").write_bytes(b"not a font")
    with pytest.raises(InputError, match=r"broken\.ttf"):
        fonts.office_fonts(tmp_path)


def test_charts_use_the_embedded_file_even_where_the_system_has_that_family(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import matplotlib as mpl
    from matplotlib import font_manager

    installed = shutil.copy(fonts.embedded_fonts()[1], tmp_path / "installed.otf")
    facts = {"weight": 400, "stretch": "normal", "size": "scalable"}
    impostor = font_manager.FontEntry(fname=str(installed), name="Noto Sans SC", **facts)
    installed_ones = [impostor, *font_manager.fontManager.ttflist]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", installed_ones)
    font_manager.findfont("Noto Sans SC")
    fonts.register_matplotlib_fonts()
    assert mpl.rcParams["font.family"] == [fonts.CHART_FONT]
    assert Path(font_manager.findfont(font_manager.FontProperties())) == fonts.embedded_fonts()[1]


def test_importing_the_module_loads_no_heavy_library() -> None:
    code = "import sys, lianzheng.fonts; print({'matplotlib', 'fontTools', 'typst'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], encoding="utf-8") == "set()\n"


@pytest.mark.parametrize(
    ("text", "shown", "line"),
    [
        (
            "好\U0001f600\u3000①",
            "好\U0001f600\u3000①",
            "好\U0001f600\u3000①",
        ),  # another program's fonts may have it
        (
            "倒\u202e写\u2066\u200e",
            "倒〔U+202E〕写〔U+2066〕〔U+200E〕",
            "倒〔U+202E〕写〔U+2066〕〔U+200E〕",
        ),
        ("\x1b[31m红", "〔U+001B〕[31m红", "〔U+001B〕[31m红"),
        ("一\r\n二\r三\t四", "一\n二\n三\t四", "一⏎二⏎三 四"),
        ("一\u2028二\x85", "一〔U+2028〕二〔U+0085〕", "一〔U+2028〕二〔U+0085〕"),
        ("\ufffe\ud800", "〔U+FFFE〕〔U+D800〕", "〔U+FFFE〕〔U+D800〕"),
        ("用字\ue000", "用字\ue000", "用字\ue000"),  # a character of the office's own making
    ],
)
def test_what_nobody_sees_is_shown_wherever_text_comes_out(text: str, shown: str, line: str) -> None:
    assert fonts.visible(text) == shown == fonts.visible(shown)
    assert fonts.one_line(text) == line == fonts.one_line(line)
