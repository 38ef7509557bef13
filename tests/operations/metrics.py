"""The metrics: parsed by Prometheus's own parser, scraped by Prometheus itself, and its alert rules."""

import json
import re
import subprocess
import tempfile
import urllib.parse
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from server import ROOT, Program, Server, ask, expect, free_port, wait_for

RULES = ROOT / "docs" / "alerts.yml"


def scrape(port):
    """Name and labels → value."""
    status, _, body = ask(port, "/metrics")
    expect(status == 200, f"/metrics answers {status}")
    samples = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            labels = ",".join(f'{k}="{v}"' for k, v in sorted(sample.labels.items()))
            samples[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return samples


def promtool_reads_it(server):
    body = ask(server.metrics, "/metrics")[2]
    def judged(text):
        return subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
    good = judged(body)
    expect(good.returncode == 0, f"promtool finds: {good.stderr.decode()}")
    expect(judged(body + b"broken{ 1\n").returncode != 0, "control: promtool took a broken line")


def rules_name_what_there_is(samples):
    good = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True)
    expect(good.returncode == 0, f"promtool refuses the rules: {good.stdout.decode()}")
    there = {name.split("{")[0] for name in samples}
    named = set(re.findall(r"\b(?:afterword|process)_[a-z_]+\b", " ".join(
        line for line in RULES.read_text().splitlines() if "expr:" in line)))  # fmt: skip
    expect(len(named) >= 6, f"the rules were not read: {named}")
    expect(named <= there, f"the rules name metrics that are not there: {named - there}")


def prometheus_scrapes_it(server, folder):
    port = free_port()
    config = Path(folder, "prometheus.yml")
    config.write_text(json.dumps({
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(RULES)],
        "scrape_configs": [{"job_name": "afterword", "static_configs": [{"targets": [f"127.0.0.1:{server.metrics}"]}]}],
    }))  # fmt: skip
    def value(query):
        answer = json.loads(ask(port, "/api/v1/query?" + urllib.parse.urlencode({"query": query}))[2])
        return [float(one["value"][1]) for one in answer["data"]["result"]]
    command = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/tsdb",
               f"--web.listen-address=127.0.0.1:{port}"]  # fmt: skip
    with Program(*command) as prometheus:
        wait_for(lambda: value('up{job="afterword"}') == [1.0], lambda: f"Prometheus scrapes nothing: {prometheus.said()[-800:]}")
        reads = 'afterword_http_requests_total{group="thread",class="2xx"}'
        before = wait_for(lambda: value(reads), "no reads are counted")[0]
        for _ in range(7):
            server.read_thread()
        wait_for(lambda: value(reads) == [before + 7], f"Prometheus does not see seven reads more than {before}")
        expect(value("afterword_store_writable") == [1.0], "the store is not writable for Prometheus")
        expect(value("afterword_nothing_of_the_kind") == [], "control: Prometheus answers whatever one asks")
        wait_for(lambda: not firing(port), "an alert fires for a healthy server")
        server.process.terminate()
        server.process.wait(20)
        wait_for(lambda: value('up{job="afterword"}') == [0.0], "control: a stopped server is still up")
        wait_for(lambda: "AfterwordDown" in pending(port), "control: no alert waits for a stopped server")


def alerts(port, states):
    answer = json.loads(ask(port, "/api/v1/alerts")[2])
    return {one["labels"]["alertname"] for one in answer["data"]["alerts"] if one["state"] in states}


def firing(port):
    return alerts(port, ("firing",))


def pending(port):
    return alerts(port, ("pending", "firing"))


def check():
    with tempfile.TemporaryDirectory(prefix="afterword-operations-") as folder, Server(folder) as server:
        server.read_thread()
        server.post(1)
        samples = scrape(server.metrics)
        expect(samples["afterword_store_commit_units_count"] >= 1, "no commit is counted")
        expect(ask(server.port, "/metrics")[0] == 404, "readers reach the metrics")
        promtool_reads_it(server)
        rules_name_what_there_is(samples)
        prometheus_scrapes_it(server, folder)
    return f"Prometheus reads {len(samples)} samples, and its rules name what there is"
