//! Inputs made to be expensive. No absolute times: twice the input may not cost much more than twice the time.

use super::super::{ContentError, SafeTree, from_html, from_markdown};
use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

type Render = fn(&str) -> Result<SafeTree, ContentError>;

/// A name, the function under test, and the input of `n` repetitions.
type Shape = (&'static str, Render, Box<dyn Fn(usize) -> String>);

/// Shapes of which `n` repetitions might cost more than linear time.
fn shapes() -> Vec<Shape> {
    let repeat =
        |part: &'static str| Box::new(move |n: usize| part.repeat(n)) as Box<dyn Fn(usize) -> String>;
    let mut shapes: Vec<Shape> = Vec::new();
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
        "a\n",
        "\n\n- a",
        "'",
        "[a]: b\n",
        "\u{301}",
        "*_* ",
        "h",
        "http://",
        "http://[",
        "http://a/(",
        "http://a/`.",
        "http://a,",
        "http://._",
        "www.",
        "www.a/",
        "www.a.",
        "'www.a/",
        "a.example/",
        "a.example,",
        "a@",
        "a@b.example",
        "<a@b.example",
        "<https://a",
        "`` ` ",
        "~~~\n",
        "```\n",
        "```a\n~~~\n",
        "- a\n+ b\n",
        "- a\n1. b\n",
        "1. a\n3. b\n",
        "- \n",
        "> a\n\n",
        ">a\n",
        "> a\nb\n",
        "* * * ",
        "2*3*",
        "~a",
        "\t",
        " \n",
        "\\\\a ",
        "C:\\ ",
        ">:( ",
        "\u{fdd0}",
    ] {
        shapes.push((part, from_markdown, repeat(part)));
    }
    for part in [
        "<div>",
        "<b>",
        "<p><b>",
        "<a href=https://a.example>",
        "<b><p></b>",
        "<a><div></a>",
        "<table><td>",
        "<table>x",
        "<svg>",
        "<ul><li>",
        "<font a=1>",
        "&lt;",
        "<br>",
        "<li>",
        "<blockquote>x",
        "<template>",
        "<select><option>",
        "<!--",
        "<a b",
        "<i></p>",
        "<nobr>",
        "<button>",
        "</p>",
        "</a>",
        "<math><mi>",
        "<img src=https://a.example/>",
    ] {
        shapes.push((part, from_html, repeat(part)));
    }
    shapes.push((
        "nested list",
        from_markdown,
        Box::new(|n| (0..n / 16).map(|i| format!("{}- a\n", "  ".repeat(i))).collect()),
    ));
    shapes.push((
        "nested images",
        from_markdown,
        Box::new(|n| format!("{}{}", "![a".repeat(n), "](http://a)".repeat(n))),
    ));
    shapes.push((
        "a quotation in every line of a list",
        from_markdown,
        Box::new(|n| (0..n).map(|i| format!("{}- > a\n", " ".repeat(i % 8))).collect()),
    ));
    shapes.push((
        "fences of every length",
        from_markdown,
        Box::new(|n| (3..n / 32).map(|i| format!("{}\n", "`".repeat(i))).collect()),
    ));
    shapes.push((
        "backticks",
        from_markdown,
        Box::new(|n| (0..n / 32).map(|i| format!("a{}", "`".repeat(i))).collect()),
    ));
    shapes.push((
        "many attributes",
        from_html,
        Box::new(|n| format!("<a {}>", (0..n).map(|i| format!("a{i} ")).collect::<String>())),
    ));
    shapes.push((
        "formatting that comes back",
        from_html,
        Box::new(|n| (0..n).map(|i| format!("<p><b x={i}>")).collect()),
    ));
    shapes
}

/// The processor time of this thread, which other programs do not affect as they do the clock's (Linux: the first
/// number of schedstat, in nanoseconds).
fn spent() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = line.split(' ').next().and_then(|number| number.parse().ok());
    nanos.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

fn cost(render: Render, source: &str) -> (Duration, Result<SafeTree, ContentError>) {
    (0..3)
        .map(|_| {
            let start = spent();
            let result = render(source);
            (spent().saturating_sub(start), result)
        })
        .min_by_key(|(time, _)| *time)
        .unwrap()
}

/// The largest input of a shape below `bytes` bytes.
fn largest(make: &dyn Fn(usize) -> String, bytes: usize) -> String {
    let sizes = std::iter::successors(Some(16), |n| Some(n + n / 8));
    sizes
        .map(make)
        .take_while(|source| source.len() <= bytes)
        .last()
        .unwrap()
}

#[test]
fn cost_grows_no_faster_than_the_input() {
    for (name, render, make) in shapes() {
        let (small, _) = cost(render, &largest(&make, 10_000));
        let (large, result) = cost(render, &largest(&make, 40_000));
        // Four times the input; sixteen times the time would be quadratic. Short times are noise.
        let allowed = small.max(Duration::from_millis(4)) * 12;
        assert!(large <= allowed, "{name}: {small:?} became {large:?}");
        if std::env::var_os("AFTERWORD_LONG").is_some() {
            println!(
                "{name:?}: {small:?} {large:?} {:?}",
                result.as_ref().map(|t| t.to_html().as_str().len())
            );
        }
        if let Ok(tree) = result {
            assert!(
                tree.to_html().as_str().len() <= super::super::limits::MAX_OUTPUT,
                "{name}"
            );
        }
    }
}

#[test]
fn depth_is_refused_and_never_cut() {
    assert_eq!(from_markdown(&"> ".repeat(5000)), Err(ContentError::TooDeep));
    assert_eq!(
        from_markdown(&format!("{}x", "- ".repeat(5000))),
        Err(ContentError::TooDeep)
    );
    assert_eq!(from_html(&"<div>".repeat(10_000)), Err(ContentError::TooDeep));
    assert_eq!(
        from_html(&format!("{}x", "<blockquote>".repeat(17))),
        Err(ContentError::TooDeep)
    );
    assert!(from_markdown(&format!("{}x", "> ".repeat(10))).is_ok());
    assert!(from_html(&format!("{}x", "<div>".repeat(50))).is_ok());
}

#[test]
fn what_a_person_may_write_fits() {
    for part in ["'", "&", "字", "👍", "word ", "*a* ", "a\n"] {
        let n = 10_000 / part.chars().count();
        assert!(from_markdown(&part.repeat(n)).is_ok(), "{part}");
    }
    assert_eq!(from_markdown(&"x".repeat(70_000)), Err(ContentError::TooLarge));
    assert_eq!(
        from_markdown(&"https://a.example ".repeat(1000)),
        Err(ContentError::TooLarge)
    );
}
