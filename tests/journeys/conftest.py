"""A real site for real browsers: web server and worker with the demo region, on their own database."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "tests" / "vendor" / "axe.min.js"
PASSWORD = "Zollstock-2026"
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    """The crawls take longest: they begin, so that nobody is left alone with one at the end."""
    items.sort(
        key=lambda item: item.originalname not in {"test_pages_of", "test_every_form_can_be_sent"}
    )


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Site:
    """The address of the running site, and its processes."""

    def __init__(self, folder):
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = (folder / "log").open("w")
        self.environment = os.environ | {
            "DATABASE_URL": f"sqlite:///{folder}/site.db",
            "STORAGE_URL": f"file://{folder}/media",
            "INSTANCE_DIR": str(folder),
            "PUBLIC_URL": self.url,
            "FLASK_APP": "wsgi",
            "SIGN_IN_LIMIT": "10000 per minute",
        }
        self.processes = []

    def flask(self, *arguments):
        command = [sys.executable, "-m", "flask", *arguments]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, stdout=self.log)

    def start(self):
        bind = self.url.removeprefix("http://")
        web = [
            sys.executable,
            "-m",
            "gunicorn",
            "wsgi:app",
            "-b",
            bind,
            "-w",
            "2",
            "--timeout",
            "60",
        ]
        worker = [sys.executable, "-m", "flask", "worker"]
        for command in (web, worker):
            self.processes.append(
                subprocess.Popen(
                    command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log
                )
            )
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=1).close()
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError("the site does not start")

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(15)
        self.log.close()


@pytest.fixture(scope="session")
def demo_region(tmp_path_factory, worker_id):
    """The folder of a site with the demo region, made by whoever of us comes first."""
    mine = tmp_path_factory.getbasetemp()
    folder = (mine if worker_id == "master" else mine.parent) / "demo-region"
    try:
        folder.mkdir()
    except FileExistsError:
        for _ in range(900):
            if (folder / "ready").exists():
                return folder
            time.sleep(0.2)
        raise RuntimeError("the demo region was not loaded") from None
    site = Site(folder)
    site.flask("db", "upgrade")
    site.flask("demo", "load")
    site.flask("worker", "--once")
    site.log.close()
    (folder / "ready").touch()
    return folder


@pytest.fixture(scope="session")
def site(tmp_path_factory, demo_region):
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(demo_region, folder, dirs_exist_ok=True)
    site = Site(folder)
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="session")
def chromium():
    path = shutil.which("chromium-headless-shell")
    assert path, "a journey needs Chromium: make test installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()


class Visitor:
    """Somebody with a browser window; what the console complains about is kept."""

    def __init__(self, chromium, site, *, language="de", width=1440, script=True):
        self.site, self.language, self.script = site, language, script
        self.context = chromium.new_context(
            viewport={"width": width, "height": 900},
            locale={"de": "de-AT", "hu": "hu-HU", "en": "en-GB"}[language],
            java_script_enabled=script,
            base_url=site.url,
        )
        self.context.set_default_timeout(30_000)
        self.complaints = []
        self.page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message):
        if message.type == "error" and not re.search(r"status of 4\d\d", message.text):
            self.complaints.append(message.text)

    def go(self, path):
        answer = self.page.goto(path)
        assert answer.status < 500, path
        return self.page

    def sign_in(self, email):
        self.go("/sign-in")
        form = self.page.locator("main form", has=self.page.locator("[type=password]")).first
        form.locator("[name=email]").fill(email)
        form.locator("[name=password]").fill(PASSWORD)
        form.locator("[type=submit]").click()
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        if self.script:
            self.choose(self.language)
        return self

    def choose(self, language):
        """Choose a language in the header, as the menu does."""
        self.page.goto("/")
        button = self.page.locator(f"form[action='/language'] button[lang={language}]").first
        with self.page.expect_navigation():
            button.evaluate("button => button.form.requestSubmit(button)")

    def axe(self):
        """Return what axe-core finds wrong on this page: rule and place."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{v['id']}: {node['target'][0]}"
            for v in found["violations"]
            for node in v["nodes"][:3]
        ]

    def overflows(self):
        """Tell whether the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth > innerWidth")

    def close(self):
        self.context.close()


@pytest.fixture
def visitor(chromium, site):
    """Return a maker of visitors; none of them may have heard a console error."""
    made = []

    def make(**options):
        made.append(Visitor(chromium, site, **options))
        return made[-1]

    yield make
    complaints = [c for v in made for c in v.complaints]
    for v in made:
        v.close()
    assert complaints == []
