"""All is said in pyproject.toml; this adds one step: a wheel brings its catalogues of translations compiled."""

from pathlib import Path

import polib
from setuptools import setup
from setuptools.command.build_py import build_py


class WithCatalogues(build_py):
    def run(self) -> None:
        for catalogue in Path(__file__).parent.glob("src/mainstay/locale/*/LC_MESSAGES/django.po"):
            polib.pofile(str(catalogue), encoding="utf-8").save_as_mofile(str(catalogue.with_suffix(".mo")))
        super().run()


setup(cmdclass={"build_py": WithCatalogues})
