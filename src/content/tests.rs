//! Guarantees of the whole pipeline. `corpora` runs attacks through it, `bombs` measures time, `properties` checks
//! random input.

mod bombs;
mod corpora;
mod properties;

use super::*;
use crate::model::text::characters;
use std::collections::BTreeMap;

fn md(source: &str) -> String {
    from_markdown(source).unwrap().to_html().into_string()
}

fn imported(html: &str) -> String {
    from_html(html).unwrap().to_html().into_string()
}

/// The words of a source that its tree does not show, and the letters that it shows less often. Character references
/// are syntax; the fields of a mail are left out of links.
fn lost(source: &str, tree: &SafeTree) -> Vec<String> {
    let decoded = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .to_lowercase()
    };
    let shown = decoded(&format!("{}\n{}", tree.to_text(), attributes(&tree.to_json())));
    let typed = decoded(&without_references(&characters::clean_body(source)));
    let lost_words = typed
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !shown.contains(word))
        .map(str::to_owned);
    let letters = |text: &str| {
        let mut counts = BTreeMap::new();
        for c in text.chars().filter(|c| c.is_alphabetic()) {
            *counts.entry(c).or_insert(0) += 1;
        }
        counts
    };
    let shown_letters = letters(&shown);
    let lost_letters = letters(&typed)
        .into_iter()
        .filter(|(c, count)| shown_letters.get(c).unwrap_or(&0) < count)
        .map(|(c, _)| c.to_string());
    lost_words.chain(lost_letters).collect()
}

fn without_references(source: &str) -> String {
    let mut out = String::new();
    for (index, part) in source.split('&').enumerate() {
        let name = part
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '#')
            .next()
            .unwrap_or_default();
        let is_reference = index > 0 && part[name.len()..].starts_with(';');
        out.push_str(if is_reference { " " } else { "&" });
        out.push_str(if is_reference { &part[name.len()..] } else { part });
    }
    out
}

/// The attributes of the tree: plain text has no languages, and leaves out a target that equals a link's text.
fn attributes(json: &str) -> String {
    let mut values = String::new();
    for name in [r#""class":"language-"#, r#""href":""#] {
        for rest in json.split(name).skip(1) {
            values.push(' ');
            values.push_str(rest.split('"').next().unwrap_or_default());
        }
    }
    values
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
        (
            "[x](javascript:alert(1)) [y](/rel \"t\") ![z](c.png) f[0](x)",
            "<p>[x](javascript:alert(1)) [y](/rel &quot;t&quot;) ![z](c.png) f[0](x)</p>",
        ),
        ("    Four *spaces*.", "<p>Four <em>spaces</em>.</p>"),
        ("a\n\n\tb", "<p>a</p><p>b</p>"),
        (
            "> quoted\nanswer",
            "<blockquote><p>quoted</p></blockquote><p>answer</p>",
        ),
        (
            "> a\n>> b\n> c",
            "<blockquote><p>a</p><blockquote><p>b</p></blockquote><p>c</p></blockquote>",
        ),
        ("- a\nb", "<ul><li>a</li></ul><p>b</p>"),
        ("Title\n-----\ntext", "<p>Title</p><hr /><p>text</p>"),
        ("Title\n=====", "<p>Title<br />=====</p>"),
        ("so\n--\nAnn", "<p>so<br />--<br />Ann</p>"),
        ("[^1]: Note", "<p>[^1]: Note</p>"),
        ("[a][1]\n\n[1]: x", "<p>[a][1]</p><p>[1]: x</p>"),
        ("1986. A great year", "<p>1986. A great year</p>"),
        ("007. Bond", "<p>007. Bond</p>"),
        (
            "1. a\n3. b\n4. c",
            "<ol><li>a</li></ol><ol start=\"3\"><li>b</li><li>c</li></ol>",
        ),
        ("1. a\n1. b\n1. c", "<ol><li>a</li><li>b</li><li>c</li></ol>"),
        ("list:\n1. a\n2. b", "<p>list:</p><ol><li>a</li><li>b</li></ol>"),
        (
            "#hashtag\n+1\n-5 degrees\n#1",
            "<p>#hashtag<br />+1<br />-5 degrees<br />#1</p>",
        ),
        ("a\n* * *\nb", "<p>a</p><hr /><p>b</p>"),
        (
            "<!-- x --> Vec<T> <name>",
            "<p>&lt;!-- x --&gt; Vec&lt;T&gt; &lt;name&gt;</p>",
        ),
        (
            "C:\\new\\_x_ \\\\server\\share\\\nb",
            "<p>C:\\new\\_x_ \\\\server\\share\\<br />b</p>",
        ),
        (
            "2*3*4 2**3**4 a*b*c 5*x + 3*y",
            "<p>2*3*4 2**3**4 a*b*c 5*x + 3*y</p>",
        ),
        (
            "这是*强调*文字 foo*bar*",
            "<p>这是<em>强调</em>文字 foo<em>bar</em></p>",
        ),
        ("10~20, 30~40", "<p>10~20, 30~40</p>"),
        ("~~~ fun\nb", "<p>~~~ fun<br />b</p>"),
        ("~~~\na\n~~~", "<pre><code>a\n</code></pre>"),
        ("```\nlet a;```\nb", "<pre><code>let a;\n</code></pre><p>b</p>"),
        ("```let a = 1;\n\tb", "<pre><code>let a = 1;\n\tb\n</code></pre>"),
        ("```hello\n```", "<pre><code>hello\n</code></pre>"),
        (
            "```hello,world\nx\n```",
            "<pre><code>hello,world\nx\n</code></pre>",
        ),
        (">= 5\n> 4", "<p>&gt;= 5</p><blockquote><p>4</p></blockquote>"),
        ("- a\n-\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n2.\n3. b", "<ol><li>a</li></ol><p>2.<br />3. b</p>"),
        ("12) >", "<ol start=\"12\"><li>12)</li></ol>"),
        ("-\na", "<p>-<br />a</p>"),
        ("", ""),
        ("[a]: x", "<p>[a]: x</p>"),
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
        format!("<p>{} (title)</p>", link("https://a.example/", "t"))
    );
    for (source, address) in [
        ("{}", "https://en.wikipedia.org/wiki/_init_*2*"),
        ("{}", "https://a.example/~~x~~"),
        ("*see {}*", "https://a.example/x_y_z"),
        ("_see {}_", "https://a.example/x_y_z"),
        ("**{}**", "https://a.example/x"),
        ("~~{}~~", "https://a.example/x"),
        ("# {}", "https://a.example/_x_"),
        ("- {}", "https://a.example/_x_"),
        ("> {}", "https://a.example/_x_"),
        ("<{}>", "https://a.example/_x_"),
        ("见{}这里", "https://example.com/a"),
        ("见{}。", "https://example.com/a"),
        ("({}).", "https://a.example/x_(y)"),
        ("| {} | b |", "https://a.example/_x_"),
        ("{}\n*x*", "https://a.example/_x_"),
        ("[t]({})", "https://a.example/_a_*b*~c"),
    ] {
        let html = md(&source.replace("{}", address));
        let href = format!("<a href=\"{address}\" {REL}>");
        assert!(html.contains(&href), "{source}: {html}");
        if source != "[t]({})" {
            assert!(html.contains(&format!(">{address}</a>")), "{source}: {html}");
        }
    }
    assert!(md("https://a.example/a`b`c&copy;d\\e").contains(">https://a.example/a`b`c&amp;copy;d\\e</a>"));
    assert_eq!(
        md("www.a.example/_x_"),
        format!("<p>{}</p>", link("http://www.a.example/_x_", "www.a.example/_x_"))
    );
    assert_eq!(
        md("_a_@b.example a.example/_x_*y*"),
        "<p>_a_@b.example a.example/_x_*y*</p>"
    );
    assert_eq!(
        md("`https://a.example/_x_` x"),
        "<p><code>https://a.example/_x_</code> x</p>"
    );
    assert_eq!(
        md("[](https://a.example/)"),
        format!("<p>{}</p>", link("https://a.example/", "https://a.example/"))
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
        format!(
            "<p>{} ({})</p>",
            link("https://b.example/", "alt"),
            link("https://a.example/c.png", "https://a.example/c.png")
        )
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
    for blank in ["", " \n", "***", "&nbsp;", "&#8203;", ">"] {
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
        r#"[["p",{},["a",{"href":"https://a.example/"},"x"]]]"#,
        r#"[["p",{},["a",{"href":"https://a.example/","rel":"x"},"x"]]]"#,
        r#"[["p",{},["p",{},"x"]]]"#,
        r#"[["ul",{},"x"]]"#,
        r#"[["li",{},"x"]]"#,
        r#"[["p",{},["br",{},"x"]]]"#,
        r#"[["p",{},["img",{},"x"]]]"#,
        r#"[["a",{"href":"https://a.example/","rel":"ugc nofollow noopener noreferrer"},"x"]]"#,
        r#"[["p",{},["a",{"href":"javascript:alert(1)","rel":"ugc nofollow noopener noreferrer","onclick":"x"},"x"]]]"#,
        r#"[["p",{},["a",{"href":"javascript:alert(1)","rel":"ugc nofollow noopener noreferrer"},["p",{},"x"]]]]"#,
        r#"[["pre",{},["code",{"class":"x"},"y"]]]"#,
        r#"[["ol",{"start":"1\" onclick=\""},["li",{},"x"]]]"#,
        &format!("[{deep}]"),
    ] {
        assert_eq!(SafeTree::from_json(tampered), None, "{tampered}");
    }
}

#[test]
fn what_an_older_policy_stored_is_read_by_the_rules_of_today() {
    let link = |href: &str, words: &str| {
        format!(r#"["a",{{"href":"{href}","rel":"ugc nofollow noopener noreferrer"}},{words}]"#)
    };
    let mail = format!(r#"<p>a <a href="mailto:a@b.example" {REL}>me</a> b</p>"#);
    for (href, html) in [
        ("mailto:a@b.example?bcc=c@d.example&body=x", mail.as_str()),
        ("mailto:a@b.example?subject=x", &mail),
        ("mailto:%61@b.example", &mail),
        ("mailto:a@b.example,c@d.example", "<p>a me b</p>"),
        ("mailto:a@b.example%0D%0ABcc:c@d.example", "<p>a me b</p>"),
        ("mailto:?to=a@b.example", "<p>a me b</p>"),
        ("mailto:a", "<p>a me b</p>"),
        ("https://user@a.example/", "<p>a me b</p>"),
        ("javascript:alert(1)", "<p>a me b</p>"),
        ("/relative", "<p>a me b</p>"),
    ] {
        let json = format!(r#"[["p",{{}},"a ",{}," b"]]"#, link(href, r#""me""#));
        let tree = SafeTree::from_json(&json).unwrap();
        assert_eq!(tree.to_html().as_str(), html, "{href}");
        assert_eq!(
            SafeTree::from_json(&tree.to_json()).as_ref(),
            Some(&tree),
            "{href}"
        );
        assert_eq!(from_html(html).as_ref(), Ok(&tree), "{href}");
        assert_eq!(checker::faults(html), Vec::<String>::new(), "{href}");
    }
    let marked = format!(
        r#"[["ul",{{}},["li",{{}},{}]],["p",{{}},"a\u202eb\ufffe"]]"#,
        link("mailto:x", r#"["em",{},"m"],["br",{}],"n""#)
    );
    assert_eq!(
        SafeTree::from_json(&marked).unwrap().to_html().as_str(),
        "<ul><li><em>m</em><br />n</li></ul><p>ab</p>"
    );
}

#[test]
fn an_older_program_can_read_what_this_one_stores() {
    // A tree of an older version keeps a link only if its target is the normal form of its URL.
    for source in [
        "<a'b+c@B.example> [t](mailto:x~y@b.example?bcc=c@d.example) <x=y@b.example>",
        "www.a.example/{_x_}|`y` https://a.example/a'b\\c https://bücher.example/日本?q=é#ü",
        "http://[::1]:80/x http://A.example:80 https://a.example/%e8 [t](<https://a.example/a b>)",
    ] {
        let json = from_markdown(source).unwrap().to_json();
        let links: Vec<&str> = json
            .split(r#""href":""#)
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        assert!(links.len() >= 2, "{json}");
        for link in links {
            assert_eq!(url::Url::parse(link).unwrap().as_str(), link, "{source}");
            assert!(link.bytes().all(|b| b.is_ascii_graphic()), "{link}");
        }
    }
}
