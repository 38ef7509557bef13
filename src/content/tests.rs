//! What the whole pipeline promises. `corpora` runs attacks through it, `bombs` measures, `laws` checks laws on random input.

mod bombs;
mod corpora;
mod laws;

use super::*;

fn md(source: &str) -> String {
    from_markdown(source).unwrap().to_html().into_string()
}

fn imported(html: &str) -> String {
    from_html(html).unwrap().to_html().into_string()
}

const REL: &str = r#"rel="ugc nofollow noopener noreferrer""#;

#[test]
fn markdown_as_people_type_it() {
    for (source, html) in [
        (
            "Bags are *fine*, **too**, ~~no~~.",
            "<p>Bags are <em>fine</em>, <strong>too</strong>, <del>no</del>.</p>",
        ),
        ("one\ntwo\n\nthree", "<p>one<br />two</p><p>three</p>"),
        ("# Big\ntext", "<p><strong>Big</strong></p><p>text</p>"),
        (
            "- a\n- b\n  1. c\n  2. d",
            "<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul>",
        ),
        (
            "7. a\n\n8. b",
            "<ol start=\"7\"><li><p>a</p></li><li><p>b</p></li></ol>",
        ),
        (
            "> a\n> > b",
            "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>",
        ),
        (
            "```rust\nfn f<'a>() {}\n\n```",
            "<pre><code class=\"language-rust\">fn f&lt;&#39;a&gt;() {}\n\n</code></pre>",
        ),
        ("`a  *b*`", "<p><code>a  *b*</code></p>"),
        ("a\n\n---\n\nb", "<p>a</p><hr /><p>b</p>"),
        ("| a | b |\n|---|---|", "<p>| a | b |<br />|---|---|</p>"),
        (
            "<b>bold?</b> & <script>alert(1)</script>",
            "<p>&lt;b&gt;bold?&lt;/b&gt; &amp; &lt;script&gt;alert(1)&lt;/script&gt;</p>",
        ),
        (
            "<div>\n  <p>x\n</div>",
            "<p>&lt;div&gt;<br />&lt;p&gt;x<br />&lt;/div&gt;</p>",
        ),
        ("&lt;b&gt; &copy; &#x202e;x", "<p>&lt;b&gt; © x</p>"),
        ("[x](javascript:alert(1)) [y](/rel)", "<p>x y</p>"),
        ("", ""),
        ("[a]: https://a.example/", ""),
    ] {
        assert_eq!(md(source), html, "{source}");
    }
}

#[test]
fn addresses_become_links() {
    let link = |url: &str, text: &str| format!("<a href=\"{url}\" {REL}>{text}</a>");
    assert_eq!(
        md("See https://a.example/b_c_d?x=1&y=2."),
        format!(
            "<p>See {}.</p>",
            link(
                "https://a.example/b_c_d?x=1&amp;y=2",
                "https://a.example/b_c_d?x=1&amp;y=2"
            )
        )
    );
    assert_eq!(
        md("(https://a.example)"),
        format!("<p>({})</p>", link("https://a.example/", "https://a.example"))
    );
    assert_eq!(
        md("[t](https://a.example \"title\")"),
        format!("<p>{}</p>", link("https://a.example/", "t"))
    );
    assert_eq!(
        md("[https://b.example](https://a.example)"),
        format!("<p>{}</p>", link("https://a.example/", "https://b.example"))
    );
    assert_eq!(md("`https://a.example`"), "<p><code>https://a.example</code></p>");
    assert_eq!(
        md("<https://a.example/x>"),
        format!("<p>{}</p>", link("https://a.example/x", "https://a.example/x"))
    );
    assert_eq!(
        md("ftp://a.example javascript://x"),
        "<p>ftp://a.example javascript://x</p>"
    );
    assert_eq!(
        md("![a cat](https://a.example/c.png)"),
        format!("<p>{}</p>", link("https://a.example/c.png", "a cat"))
    );
    assert_eq!(
        md("![](https://a.example/c.png)"),
        format!(
            "<p>{}</p>",
            link("https://a.example/c.png", "https://a.example/c.png")
        )
    );
    assert_eq!(
        md("[![alt](https://a.example/c.png)](https://b.example)"),
        format!("<p>{}</p>", link("https://b.example/", "alt"))
    );
}

#[test]
fn text_survives() {
    for text in [
        "“Curly” ‘quotes’ … — –",
        ":-) <3 :* :* ;-) </3 <_< ^_^ -_- T_T o_O \\o/",
        ">:( grr",
        ">.<",
        "a >:( b",
        "*_* and *-*",
        "¯\\_(ツ)_/¯",
        "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣ 𝒳",
        "שָׁלוֹם עליכם",
        "می‌خواهم",
        "e\u{301} é",
        "snake_case_name 2 * 3 * 4 a^b",
        "5 > 3 && 2 < 4",
        "#hashtag @name",
        "a  b",
    ] {
        assert_eq!(from_markdown(text).unwrap().to_text(), text);
    }
    assert_eq!(md("```\n>:(\n```"), "<pre><code>&gt;:(\n</code></pre>");
    assert_eq!(
        md("> >:( said he"),
        "<blockquote><p>&gt;:( said he</p></blockquote>"
    );
    assert_eq!(md("\u{202e}a\r\nb\0"), "<p>a<br />b</p>");
}

#[test]
fn html_from_elsewhere() {
    for (html, kept) in [
        (
            "<p>a<b>b</b><i>c</i><s>d</s><u>e</u></p>",
            "<p>a<strong>b</strong><em>c</em><del>d</del>e</p>",
        ),
        ("one<br>two\n\nthree", "<p>one<br />two three</p>"),
        ("<div>one</div><div>two</div>", "<p>one</p><p>two</p>"),
        (
            "<h2>T</h2><p></p><p>&nbsp;</p>x",
            "<p><strong>T</strong></p><p>x</p>",
        ),
        (
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
            "<p>a b</p><p>c</p>",
        ),
        (
            "<ul><li>a<p>b</p><li><div>c</div><div>d</div></ul>",
            "<ul><li>a<p>b</p></li><li>c<p>d</p></li></ul>",
        ),
        (
            "<ul>x<li>a</li><ul><li>b</li></ul></ul>",
            "<ul><li>x</li><li>a<ul><li>b</li></ul></li></ul>",
        ),
        ("<pre>a<br>b <b>c</b></pre>", "<pre><code>a\nb c</code></pre>"),
        (
            "<script>x</script><style>y</style><!-- z -->k<svg><script>1</script></svg>",
            "<p>k</p>",
        ),
        (
            "<a href='javascript:1'>x</a><a name=y>y</a><a href='https://a.example'></a>",
            "<p>xy</p>",
        ),
        ("<b><p>x</p>y</b>", "<p><strong><br />x<br />y</strong></p>"),
        ("<p id=x class=y style=z onclick=a>t", "<p>t</p>"),
        ("&lt;script&gt;", "<p>&lt;script&gt;</p>"),
    ] {
        assert_eq!(imported(html), kept, "{html}");
    }
}

#[test]
fn plain_text_reads_well() {
    let text = |source: &str| from_markdown(source).unwrap().to_text();
    assert_eq!(
        text("# T\na\nb\n\n> q\n> r\n>\n> s"),
        "T\n\na\nb\n\n> q\n> r\n>\n> s"
    );
    assert_eq!(
        text("- a\n- b\n  - c\n\n3. x\n4. y"),
        "- a\n- b\n  - c\n\n3. x\n4. y"
    );
    assert_eq!(
        text("[t](https://a.example/) https://b.example\n\n```\nx\n  y\n```"),
        "t (https://a.example/) https://b.example\n\nx\n  y"
    );
}

#[test]
fn blank_is_blank() {
    for blank in [
        "",
        " \n",
        "***",
        "&nbsp;",
        "&#8203;",
        "-",
        "[a]: https://a.example",
        "![]()",
        ">",
    ] {
        assert!(from_markdown(blank).unwrap().is_blank(), "{blank:?}");
    }
    assert!(!from_markdown("`.`").unwrap().is_blank());
}

#[test]
fn json_is_as_documented_and_checked() {
    let tree =
        from_markdown("Loose leaf, *always*.\n\n3. [a](https://a.example/)\n\n```rust\nx\n```").unwrap();
    assert_eq!(
        tree.to_json(),
        concat!(
            r#"[["p",{},"Loose leaf, ",["em",{},"always"],"."],"#,
            r#"["ol",{"start":3},["li",{},["a",{"href":"https://a.example/","rel":"ugc nofollow noopener noreferrer"},"a"]]],"#,
            r#"["pre",{},["code",{"class":"language-rust"},"x\n"]]]"#
        )
    );
    assert_eq!(SafeTree::from_json(&tree.to_json()), Some(tree));
    assert!(SafeTree::from_json(r#"[["p",{},["br",{}]]]"#).is_some());
    let deep = format!("{}{}", r#"["blockquote",{},"#.repeat(17), "]".repeat(17)).replace(",]", "]");
    for tampered in [
        "",
        "{}",
        "null",
        "[1]",
        r#"["text at the top"]"#,
        r#"[["script",{},"x"]]"#,
        r#"[["p",{"onclick":"x"},"x"]]"#,
        r#"[["p",[],"x"]]"#,
        r#"[["p"]]"#,
        r#"[["p",{},["a",{"href":"javascript:alert(1)","rel":"ugc nofollow noopener noreferrer"},"x"]]]"#,
        r#"[["p",{},["a",{"href":"https://a.example/"},"x"]]]"#,
        r#"[["p",{},["a",{"href":"https://a.example/","rel":"x"},"x"]]]"#,
        r#"[["p",{},["a",{"href":"https://a.example","rel":"ugc nofollow noopener noreferrer"},"x"]]]"#,
        r#"[["p",{},["p",{},"x"]]]"#,
        r#"[["ul",{},"x"]]"#,
        r#"[["li",{},"x"]]"#,
        r#"[["p",{},["br",{},"x"]]]"#,
        r#"[["p",{},"a\u202eb"]]"#,
        r#"[["p",{},["img",{},"x"]]]"#,
        r#"[["pre",{},["code",{"class":"x"},"y"]]]"#,
        r#"[["ol",{"start":"1\" onclick=\""},["li",{},"x"]]]"#,
        &format!("[{deep}]"),
    ] {
        assert_eq!(SafeTree::from_json(tampered), None, "{tampered}");
    }
}
