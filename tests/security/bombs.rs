//! Small requests that are meant to be expensive: twice the bytes may cost at most 2.6 times the processor time.

use std::time::Duration;

use super::target::Target;

/// The bound for the ratio of the times when the input doubles.
const MOST: f64 = 2.6;

/// A name, the route, and a body with this number of repetitions.
type Bomb = (&'static str, &'static str, Box<dyn Fn(usize) -> Vec<u8>>);

fn text(part: &'static str) -> Box<dyn Fn(usize) -> Vec<u8>> {
    Box::new(move |n| {
        serde_json::json!({"text": part.repeat(n / part.len())})
            .to_string()
            .into_bytes()
    })
}

fn json(before: &'static str, part: &'static str, after: &'static str) -> Box<dyn Fn(usize) -> Vec<u8>> {
    // As large as bodies may be: JSON is parsed before graphemes are counted.
    Box::new(move |n| format!("{before}{}{after}", part.repeat(20 * n / part.len())).into_bytes())
}

fn bombs() -> Vec<Bomb> {
    let mut bombs: Vec<Bomb> = vec![
        ("JSON: nested arrays", "preview", json("", "[", "")),
        ("JSON: nested objects", "preview", json("", "{\"a\":", "")),
        ("JSON: nested in a field", "preview", json("{\"text\":", "[", "")),
        ("JSON: escapes", "preview", json("{\"text\":\"", "\\u0041", "\"}")),
        (
            "JSON: half surrogates",
            "preview",
            json("{\"text\":\"", "\\ud800", "\"}"),
        ),
        ("JSON: a long number", "preview", json("{\"text\":", "9", "}")),
        ("JSON: a long exponent", "preview", json("{\"text\":1e", "9", "}")),
        (
            "JSON: one field often",
            "preview",
            json("{", "\"text\":\"a\",", "}"),
        ),
        ("JSON: spaces", "preview", json("{", " ", "}")),
        ("JSON: a long key", "preview", json("{\"", "a", "\":1}")),
        (
            "JSON: many to look up",
            "own",
            json(
                "{\"comments\":[",
                "{\"id\":1,\"token\":\"a\"},",
                "{\"id\":1,\"token\":\"a\"}]}",
            ),
        ),
        ("combining marks", "preview", text("\u{301}")),
        ("directions", "preview", text("\u{202e}")),
        ("joiners", "preview", text("\u{200d}")),
    ];
    for part in [
        "> ",
        "- ",
        "1. ",
        "[",
        "![",
        "*a",
        "**a ",
        "*a_ ",
        "`",
        "~~a",
        "[a](",
        "<",
        "<a ",
        "<!--",
        "&",
        "\\",
        "a*",
        "![[](",
        "[a][b]\n\n",
        "https://",
        "https://a.example ",
        "<https://a.example>",
        "| a ",
        "*a **a ",
        "]",
        "\n\n- a",
        "[a]: b\n",
        "*_* ",
        "#",
        "a\n=\n",
        "<?",
        "<!A",
        "<![CDATA[",
        "&#x",
        "www.a.",
        "a@b.",
        "~",
        "\t",
        "***",
        "_a_",
        "``a`",
    ] {
        bombs.push((part, "preview", text(part)));
    }
    bombs
}

/// The smallest processor time of a request over a few rounds. Statuses of 5xx fail.
fn cost(target: &Target, route: &str, body: &[u8]) -> Duration {
    let round = || {
        let before = target.spent();
        for _ in 0..4 {
            let answer = target.json("POST", route, body);
            assert!(answer.status < 500, "{} {}", answer.status, answer.text());
        }
        (target.spent().saturating_sub(before)) / 4
    };
    (0..3).map(|_| round()).min().unwrap()
}

/// The ratio of costs when the input doubles. Below the minimum, time is noise.
fn ratio(small: Duration, large: Duration) -> f64 {
    let floor = Duration::from_micros(1_500);
    large.max(floor).as_secs_f64() / small.max(floor).as_secs_f64()
}

#[test]
#[ignore = "wants the machine to itself: tests/security/run"]
fn cost_grows_linearly_with_input_size() {
    let mut target = Target::start(&[]);
    // Threads and caches exist before the measurement.
    cost(&target, "preview", b"{\"text\":\"tea\"}");
    let (mut worst, mut dearest) = ((0.0, ""), (Duration::ZERO, ""));
    for (name, route, body) in bombs() {
        let (small, large) = (body(4_500), body(9_000));
        let measured = (0..3).map(|_| {
            let (small, large) = (cost(&target, route, &small), cost(&target, route, &large));
            (ratio(small, large), large)
        });
        // Three tries: another process may have disturbed one of them.
        let (ratio, large) = measured.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        assert!(
            ratio < MOST,
            "{name:?}: twice the input costs {ratio:.2} times as much"
        );
        worst = if ratio > worst.0 { (ratio, name) } else { worst };
        dearest = dearest.max((large, name));
    }
    println!(
        "{} bombs; twice the input costs {:.2} times as much at worst ({:?})",
        bombs().len(),
        worst.0,
        worst.1
    );
    println!(
        "the dearest, {:?}, costs {:.1} times a plain text of its length",
        dearest.1,
        {
            let plain = cost(&target, "preview", &text("tea ")(9_000));
            dearest.0.as_secs_f64() / plain.as_secs_f64()
        }
    );
    assert!(target.is_well());
}

/// The control: quadratic code costs four times as much, and the same measurement detects it.
#[test]
fn control_quadratic_cost_is_detected() {
    let spent = || {
        let line = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        Duration::from_nanos(line.split(' ').next().unwrap().parse().unwrap())
    };
    let quadratic = |n: usize| {
        let text = "[".repeat(n);
        let before = spent();
        let found: usize = (0..n)
            .map(|at| text[at..].bytes().rev().filter(|byte| *byte == b']').count())
            .sum();
        assert_eq!(found, 0);
        spent().saturating_sub(before)
    };
    let seen = (0..3)
        .map(|_| ratio(quadratic(4_500), quadratic(9_000)))
        .fold(0.0, f64::max);
    assert!(seen > MOST, "{seen:.2}");
}
