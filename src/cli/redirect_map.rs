//! Reads a file of old and new addresses, as exported from redirect tables: two columns, separated by comma,
//! semicolon or tab.

use std::path::Path;

/// Line number, old address, new address.
pub(super) type Line = (u64, String, String);

/// Reads the file. Skips empty lines, lines that begin with `#`, and a first line without an address.
///
/// # Errors
/// A sentence that names the file and the line.
pub(super) fn read(file: &Path) -> Result<Vec<Line>, String> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {name}: {error}"))?;
    parse(&text).map_err(|wrong| format!("{name}: {wrong}"))
}

fn parse(text: &str) -> Result<Vec<Line>, String> {
    // Spreadsheet exports begin with a byte order mark.
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().find(|line| !is_skipped(line)).unwrap_or_default();
    let separator = ['\t', ';', ',']
        .into_iter()
        .find(|separator| first.contains(*separator))
        .unwrap_or(',');
    let mut lines = Vec::new();
    let mut is_first = true;
    // Split into lines first, since addresses contain no line break: so line numbers are those of the file.
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !is_skipped(line)) {
        let (old, new) = columns(line, separator)
            .ok_or_else(|| format!("line {number} has not two columns: the old address and the new one"))?;
        let is_heading = std::mem::take(&mut is_first) && !new.contains("://");
        if !is_heading {
            lines.push((number, old, new));
        }
    }
    if lines.is_empty() {
        return Err("there is no line with an old and a new address".to_owned());
    }
    Ok(lines)
}

/// The two columns of a line, without quotes.
fn columns(line: &str, separator: char) -> Option<(String, String)> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(u8::try_from(separator).unwrap_or(b','))
        .trim(csv::Trim::All)
        .from_reader(line.as_bytes());
    let record = reader.records().next()?.ok().filter(|record| record.len() == 2)?;
    let column = |n| record.get(n).filter(|text| !text.is_empty()).map(str::to_owned);
    Some((column(0)?, column(1)?))
}

fn is_skipped(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_columns_are_read_however_they_are_parted() {
        let wanted = vec![
            (
                2,
                "https://a.example/1".to_owned(),
                "https://a.example/x,y".to_owned(),
            ),
            (
                4,
                "https://a.example/2".to_owned(),
                "https://a.example/z".to_owned(),
            ),
        ];
        for text in [
            "old,new\nhttps://a.example/1,\"https://a.example/x,y\"\n# moved later\nhttps://a.example/2 , https://a.example/z\n",
            "\u{feff}old\tnew\r\nhttps://a.example/1\thttps://a.example/x,y\r\n\r\nhttps://a.example/2\thttps://a.example/z",
            "Old;New\nhttps://a.example/1;https://a.example/x,y\n\nhttps://a.example/2;https://a.example/z\n",
        ] {
            assert_eq!(parse(text).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_pair_is_named_by_its_line() {
        for text in [
            "https://a.example/1\n",
            "https://a.example/1,https://a.example/2,x\n",
            "https://a.example/1,\n",
        ] {
            assert!(parse(text).unwrap_err().contains("line 1"), "{text}");
        }
        for text in ["", "old,new\n", "# nothing\n"] {
            assert!(parse(text).unwrap_err().contains("no line"), "{text}");
        }
    }
}
