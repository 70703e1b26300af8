"""For `jupyter nbconvert --config assets/nbconvert/config.py`: chapters as they are meant."""

from pathlib import Path

c = get_config()

c.TemplateExporter.extra_template_basedirs = [str(Path(__file__).parent)]
c.HTMLExporter.template_name = "nkbook"
c.SlidesExporter.template_name = "nkbook-slides"
c.MarkdownExporter.template_name = "nkbook"
c.HTMLExporter.exclude_anchor_links = True

# A script is the code as it is written; front matter is none.
c.ScriptExporter.exclude_raw = True

# Notebooks are kept without outputs, so they are run first.
for exporter in (c.HTMLExporter, c.MarkdownExporter):
    exporter.preprocessors = ["nkbook.render.jupyter.ChapterPreprocessor"]
    exporter.ExecutePreprocessor.enabled = True
    exporter.ExecutePreprocessor.extra_arguments = ["--log-level=CRITICAL"]
