"""Runs the example configurations of docs/proxies unchanged, except for names, ports and certificates."""

import re
import socket
import subprocess
import tempfile
from pathlib import Path

import yaml

from metrics import scrape
from server import ROOT, Program, Server, ask, expect, free_port, wait_for

EXAMPLES = ROOT / "docs" / "proxies"


def replaced(text, pairs):
    for old, new in pairs:
        expect(old in text, f"the example has no “{old}” any more; mend tests/operations/proxies.py")
        text = text.replace(old, new)
    return text


def nginx_file(folder, port, upstream, change=()):
    """The example in a minimal nginx configuration; without TLS, since doctor would not trust our certificate."""
    site = replaced(
        (EXAMPLES / "nginx.conf").read_text(),
        [
            ("listen 443 ssl;", f"listen 127.0.0.1:{port};"),
            ("    listen [::]:443 ssl;\n", ""),
            ("server_name comments.example;", "server_name 127.0.0.1;"),
            ("127.0.0.1:8080", f"127.0.0.1:{upstream}"),
            ("/var/cache/nginx/afterword", f"{folder}/cache"),
            *change,
        ],
    )
    site = re.sub(r"    ssl_certificate.*\n", "", site)
    return nginx_around(folder, site)


def nginx_around(folder, site):
    file = Path(folder, "nginx.conf")
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 1;\n"
        f"events {{ }}\nhttp {{\naccess_log off;\n{temporary}\n{site}\n}}\n"
    )
    return file


def nginx_accepts_it_with_tls(folder):
    key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=comments.example",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    site = replaced(
        (EXAMPLES / "nginx.conf").read_text(),
        [
            ("/etc/letsencrypt/live/comments.example/fullchain.pem", certificate),
            ("/etc/letsencrypt/live/comments.example/privkey.pem", key),
            ("/var/cache/nginx/afterword", f"{folder}/cache"),
        ],
    )
    def tested(text):
        return subprocess.run(["nginx", "-t", "-c", nginx_around(folder, text)], capture_output=True)
    good = tested(site)
    expect(good.returncode == 0, f"nginx refuses the example: {good.stderr.decode()}")
    expect(tested(site.replace("proxy_pass", "proxy_pas")).returncode != 0, "control: nginx took a misspelt word")


def all_is_well_behind(server, name):
    found = server.doctor()
    errors = [(check, said) for check, all in found.items() for level, said in all if level == "error"]
    expect(not errors, f"behind {name} doctor finds {errors}")
    expect(found["proxy"][0][0] == "ok" and "is trusted" in found["proxy"][0][1], f"{name}: {found['proxy']}")
    expect(found["origins"][0][0] == "ok", f"{name}: {found['origins']}")


def news_comes_at_once(server, port, name):
    """A live reader behind the proxy gets a comment's event within seconds."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as reader:
        reader.sendall(
            b"GET /api/v1/sites/blog/live?page=https://blog.example/tea HTTP/1.1\r\n"
            b"Host: 127.0.0.1:%d\r\n\r\n" % port
        )
        heard = b""
        def hear(count):
            nonlocal heard
            while heard.count(b"event: thread") < count:
                part = reader.recv(65536)
                expect(part, f"{name} ends the stream: {heard}")
                heard += part
        try:
            hear(1)
            expect((said := server.post(port))[0] == 201, f"{name}: the comment was not taken: {said}")
            hear(2)
        except TimeoutError:
            raise SystemExit(f"operations: {name} holds back the news: {heard}")


def stops_large_bodies(port):
    """nginx itself answers, and not the server, whose response differs."""
    status, _, body = ask(port, "/api/v1/sites/blog/comments", "POST", {}, "x" * 300_000)
    expect(status == 413 and b"body_too_large" not in body, f"nginx lets 300 kB through: {status} {body}")


def nginx(folder):
    nginx_accepts_it_with_tls(folder)
    port = free_port()
    with Server(folder, port) as server:
        with Program("nginx", "-c", nginx_file(folder, port, server.port)) as proxy:
            wait_for(lambda: ask(port, "/healthz")[0] == 200, lambda: f"nginx does not answer: {proxy.said()}")
            all_is_well_behind(server, "nginx")
            news_comes_at_once(server, port, "nginx")
            first, second = server.read_thread(port), server.read_thread(port, **{"X-Request-Id": "of-the-client"})
            ids = [answer[1]["x-request-id"] for answer in (first, second)]
            expect(all(len(id) == 32 for id in ids) and ids[0] != ids[1], f"nginx names no requests: {ids}")
            stops_large_bodies(port)
            name = 'afterword_http_requests_total{class="2xx",group="script"}'
            ask(port, "/embed.js")
            before = scrape(server.metrics).get(name, 0)
            for _ in range(5):
                expect(ask(port, "/embed.js")[0] == 200, "nginx keeps no script")
            after = scrape(server.metrics)[name]
            expect(after == before > 0, f"nginx asked for a script that it has: {before} → {after}")
        # Control: an example that forwards the clients' own header must be detected.
        change = [("proxy_set_header X-Forwarded-For $remote_addr;", "proxy_set_header X-Forwarded-For $http_x_forwarded_for;")]
        with Program("nginx", "-c", nginx_file(folder, port, server.port, change)):
            wait_for(lambda: ask(port, "/healthz")[0] == 200, "nginx does not answer")
            found = server.doctor()["proxy"]
            expect(found[0][0] != "ok", f"control: a careless nginx was found well: {found}")


def caddy(folder):
    port = free_port()
    with Server(folder, port) as server:
        text = replaced(
            (EXAMPLES / "Caddyfile").read_text(),
            [("comments.example {", f"http://127.0.0.1:{port} {{"), ("127.0.0.1:8080", f"127.0.0.1:{server.port}")],
        )
        file = Path(folder, "Caddyfile")
        file.write_text("{\n\tadmin off\n}\n" + text)
        environment = {"HOME": folder, "PATH": "/usr/bin:/bin"}
        with Program("caddy", "run", "--config", file, "--adapter", "caddyfile", env=environment) as proxy:
            wait_for(lambda: ask(port, "/healthz")[0] == 200, lambda: f"Caddy does not answer: {proxy.said()}")
            all_is_well_behind(server, "Caddy")
            news_comes_at_once(server, port, "Caddy")
            # It forwards the head at once, so that the server may be the first to refuse.
            status = ask(port, "/api/v1/sites/blog/comments", "POST", {}, "x" * 300_000)[0]
            expect(status in (413, 502), f"Caddy lets 300 kB through: {status}")


def traefik():
    """Parsed only: Debian has no package of Traefik. Every name that is used must be defined."""
    http = yaml.safe_load((EXAMPLES / "traefik.yml").read_text())["http"]
    router = http["routers"]["afterword"]
    expect(router["service"] in http["services"], "Traefik: the router's service is not defined")
    expect(all(name in http["middlewares"] for name in router["middlewares"]), "Traefik: a middleware is not defined")
    servers = http["services"]["afterword"]["loadBalancer"]["servers"]
    expect(servers == [{"url": "http://127.0.0.1:8080"}], f"Traefik: {servers}")


def check():
    for one in (nginx, caddy):
        with tempfile.TemporaryDirectory(prefix="afterword-operations-") as folder:
            Path(folder).chmod(0o755)
            one(folder)
    traefik()
    return "nginx and Caddy hand everything through, and say who asks; Traefik's file is whole"
