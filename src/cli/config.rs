//! `afterword config`: prints every setting with value, source and documentation.

use std::fmt::Write as _;

use super::print::print;
use crate::config::Loaded;

pub(super) fn run(loaded: &Loaded) -> Result<(), String> {
    let text = loaded
        .origins
        .iter()
        .fold(String::new(), |mut text, (setting, value, source)| {
            let (doc, key, env) = (setting.doc, setting.key, setting.env());
            let _ = writeln!(text, "# {doc}\n{key} = {value}    [{source}; {env}]\n");
            text
        });
    print(&text)
}
