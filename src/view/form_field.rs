//! Fields of forms: label in sight, hint below it, the error in place and tied to the field.

use maud::{Markup, html};

use crate::view::{error_message::LocalizedError, i18n::MessageKey};

/// The name of the hidden field that proves a form to be ours (`web::http::form`).
pub const TOKEN: &str = "form_token";

/// A field.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Its name in the form, and its id.
    pub name: &'a str,
    /// Its label.
    pub label: &'a str,
    /// What stands in it.
    pub value: &'a str,
    /// `text`, `email`, `url`, `password`, `number`; `area` is a text area.
    pub kind: &'a str,
    /// A sentence below the label.
    pub hint: &'a str,
    /// What browsers fill in; empty: nothing is said.
    pub autocomplete: &'a str,
    /// It must be filled in.
    pub required: bool,
    /// The longest value that the browser takes; 0: any.
    pub most: usize,
}

impl Default for Field<'_> {
    fn default() -> Self {
        Self {
            name: "",
            label: "",
            value: "",
            kind: "text",
            hint: "",
            autocomplete: "",
            required: false,
            most: 0,
        }
    }
}

/// A field with its label. An error that names the field is shown below it and takes the focus.
#[must_use]
pub fn field(field: Field<'_>, told: Option<&LocalizedError<'_>>) -> Markup {
    let wrong = told.filter(|told| told.error.field == Some(field.name));
    let (hint_id, error_id) = (format!("{}-hint", field.name), format!("{}-error", field.name));
    let described = match (field.hint.is_empty(), wrong) {
        (true, None) => None,
        (false, None) => Some(hint_id.clone()),
        (true, Some(_)) => Some(error_id.clone()),
        (false, Some(_)) => Some(format!("{error_id} {hint_id}")),
    };
    let invalid = wrong.map(|_| "true");
    let autocomplete = (!field.autocomplete.is_empty()).then_some(field.autocomplete);
    let most = (field.most > 0).then_some(field.most);
    // Addresses and passwords run from left to right in every language; names follow their own letters.
    let direction = if matches!(field.kind, "text" | "area") {
        "auto"
    } else {
        "ltr"
    };
    html! {
        div.field {
            label for=(field.name) { (field.label) }
            @if field.kind == "area" {
                textarea #(field.name) name=(field.name) rows="6" dir=(direction) required[field.required] maxlength=[most]
                    aria-describedby=[described] aria-invalid=[invalid] autofocus[wrong.is_some()] {
                    // The parser drops one line break after the tag: this one, not the writer's.
                    "\n" (field.value)
                }
            } @else {
                input #(field.name) name=(field.name) type=(field.kind) value=(field.value) dir=(direction) autocomplete=[autocomplete]
                    required[field.required] maxlength=[most] aria-describedby=[described] aria-invalid=[invalid]
                    autofocus[wrong.is_some()];
            }
            @if let Some(told) = wrong { p.error id=(error_id) { (told.sentence()) } }
            @if !field.hint.is_empty() { p.hint id=(hint_id) { (field.hint) } }
        }
    }
}

/// What is wrong with a form as a whole; an error that names one of `fields` is told at that field.
#[must_use]
pub fn summary(told: Option<&LocalizedError<'_>>, fields: &[&str], failed: &str) -> Markup {
    html! {
        @if let Some(told) = told {
            p.notice.bad role="alert" {
                strong { (failed) } " "
                @if told.error.field.is_some_and(|field| fields.contains(&field)) { (told.words().text(MessageKey::Marked)) }
                @else {
                    (told.sentence())
                    @if let Some(wait) = told.wait() { " " (wait) }
                }
            }
        }
    }
}

/// Hidden fields.
#[must_use]
pub fn hidden(pairs: &[(&str, &str)]) -> Markup {
    html! { @for (name, value) in pairs { input type="hidden" name=(name) value=(value); } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Error, ErrorKind};

    #[test]
    fn an_error_is_tied_to_its_field_and_to_no_other() {
        let error = Error::of_field(ErrorKind::NameMissing, "name");
        let told = LocalizedError::to_staff(&error);
        let name = field(
            Field {
                name: "name",
                label: "Name",
                hint: "Shown.",
                ..Field::default()
            },
            Some(&told),
        )
        .0;
        assert!(
            name.contains("aria-describedby=\"name-error name-hint\"")
                && name.contains("aria-invalid=\"true\""),
            "{name}"
        );
        let text = field(
            Field {
                name: "text",
                label: "Text",
                kind: "area",
                value: "\n</textarea>",
                ..Field::default()
            },
            Some(&told),
        )
        .0;
        assert!(
            !text.contains("aria-invalid") && text.contains("\n\n&lt;/textarea&gt;"),
            "{text}"
        );
    }
}
