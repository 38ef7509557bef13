"""Forwards TCP connections to another port, observes the client's data, and goes silent on demand."""

import contextlib
import socket
import threading


class Cable:
    """One connection; `kind` is free for the observer."""

    def __init__(self, near, far):
        self.ends, self.kind, self.flows = (near, far), None, threading.Event()
        self.flows.set()

    def cut(self):
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Forwarder:
    """Listens on its own `port`. `look(cable, data)` observes the clients' data; an OSError in it cuts the
    connection."""

    def __init__(self, run, to, look=lambda cable, data: None):
        self.to, self.look, self.cables, self.silent = to, look, [], False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self.listener.getsockname()
        run.ends.callback(self.close)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                try:
                    cable = Cable(near, socket.create_connection((self.host, self.to)))
                except OSError:
                    near.close()
                    continue
                self.cables.append(cable)
                if self.silent:
                    cable.flows.clear()
                for source, sink, look in ((*cable.ends, self.look), (*reversed(cable.ends), None)):
                    threading.Thread(target=self.pump, args=(cable, source, sink, look), daemon=True).start()

    def pump(self, cable, source, sink, look):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if look:
                    look(cable, data)
                cable.flows.wait()
                sink.sendall(data)
        cable.cut()
        with contextlib.suppress(ValueError):
            self.cables.remove(cable)

    def mute(self, kind):
        """Makes one connection of this kind silent without closing it. False when there is none."""
        for cable in self.cables:
            if cable.kind == kind and cable.flows.is_set():
                cable.flows.clear()
                return True
        return False

    def mute_all(self):
        """Makes all connections silent, also new ones."""
        self.silent = True
        for cable in list(self.cables):
            cable.flows.clear()

    def unmute(self):
        """Forwards what was held back."""
        self.silent = False
        for cable in list(self.cables):
            cable.flows.set()

    def close(self):
        self.listener.close()
        self.unmute()
        for cable in list(self.cables):
            cable.cut()
