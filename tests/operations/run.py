"""The environment of the program: metrics, the systemd unit, proxies. Run by `tests/run operations`.

Nothing is simulated: Prometheus scrapes, nginx and Caddy forward, systemd analyses its unit. Each check has a control
that must fail. AFTERWORD_BIN names the program.
"""

import metrics
import proxies
import unit


def main():
    for check in (metrics.check, unit.check, proxies.check):
        print(check(), flush=True)


if __name__ == "__main__":
    main()
