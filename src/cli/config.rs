//! `afterword config`: every setting, its value, where it comes from, what it means.

use crate::config::Loaded;

pub(super) fn run(loaded: &Loaded) -> Result<(), String> {
    for (setting, value, source) in &loaded.origins {
        println!("# {}", setting.doc);
        println!("{} = {value}    [{source}; {}]\n", setting.key, setting.env());
    }
    Ok(())
}
