"""A browser without scripts: stores cookies, and fills in the forms of pages."""

import urllib.parse

import html5lib


def text_of(element):
    return "".join(element.itertext())


def local(element):
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def fields_of(tree):
    """The values of a tree's fields by name; of several with one name, the first."""
    found = {}
    for element in tree.iter():
        name = element.get("name")
        if local(element) == "input" and name:
            # A single-line field has no line breaks (HTML, value sanitization).
            found.setdefault(name, (element.get("value") or "").replace("\n", "").replace("\r", ""))
        elif local(element) == "textarea" and name:
            found.setdefault(name, text_of(element).replace("\r\n", "\n").replace("\r", "\n"))
    return found


class Browser:
    def __init__(self, server):
        self.server = server
        self.cookies = {}

    def send(self, method, path, fields=None):
        """(status, headers, text); redirects are not followed."""
        headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items())} if self.cookies else {}
        body = None
        if method == "POST":
            # Line breaks as browsers send them.
            body = "&".join(
                urllib.parse.quote_plus(key) + "=" + urllib.parse.quote_plus(value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode("utf-8", "surrogatepass"))
                for key, value in fields.items()
            )
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.server.base, "Sec-Fetch-Site": "same-origin"}
        status, answered, content = self.server.request(method, path, body, headers)
        for cookie in answered.get_all("Set-Cookie") or []:
            key, _, value = cookie.split(";")[0].partition("=")
            self.cookies[key.strip()] = value
        return status, answered, content.decode("utf-8", "replace")

    def form(self, path, route):
        """The fields of the form on a page that goes to `route`."""
        status, _, page = self.send("GET", path)
        tree = html5lib.parse(page, treebuilder="etree")
        for form in tree.iter():
            if local(form) == "form" and (form.get("action") or "").partition("#")[0].endswith(route):
                return fields_of(form)
        raise SystemExit(f"no form to {route} on {path} ({status}): is its markup another one now?")


def signed_in(server, name, password):
    """A browser with a session, signed in through the sign-in form."""
    browser = Browser(server)
    fields = browser.form("/admin/login", "/admin/login") | {"name": name, "password": password}
    status, headers, page = browser.send("POST", "/admin/login", fields)
    if status != 303:
        raise SystemExit(f"could not sign in: {status}\n{page[:2000]}")
    return browser
