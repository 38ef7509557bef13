//! Form fields: a visible label, a hint below it, and the field's error next to it.

use maud::{Markup, html};

use crate::view::{error_message::LocalizedError, i18n::MessageKey};

/// Name of the hidden field with the CSRF token (`web::http::form`).
pub const TOKEN: &str = "form_token";

/// A field.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Name in the form, and element id.
    pub name: &'a str,
    /// Label.
    pub label: &'a str,
    /// Value.
    pub value: &'a str,
    /// `text`, `email`, `url`, `password`, `number`; `area` is a text area.
    pub kind: &'a str,
    /// A sentence below the label.
    pub hint: &'a str,
    /// The `autocomplete` attribute; empty: none.
    pub autocomplete: &'a str,
    /// True if it is required.
    pub required: bool,
    /// The `maxlength` attribute; 0: none.
    pub max_length: usize,
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
            max_length: 0,
        }
    }
}

/// A field with its label. An error of this field is shown below it and takes the focus.
#[must_use]
pub fn field(field: Field<'_>, message: Option<&LocalizedError<'_>>) -> Markup {
    let wrong = message.filter(|message| message.error.field == Some(field.name));
    let (hint_id, error_id) = (format!("{}-hint", field.name), format!("{}-error", field.name));
    let described = match (field.hint.is_empty(), wrong) {
        (true, None) => None,
        (false, None) => Some(hint_id.clone()),
        (true, Some(_)) => Some(error_id.clone()),
        (false, Some(_)) => Some(format!("{error_id} {hint_id}")),
    };
    let invalid = wrong.map(|_| "true");
    let autocomplete = (!field.autocomplete.is_empty()).then_some(field.autocomplete);
    let max_length = (field.max_length > 0).then_some(field.max_length);
    // Addresses and passwords are written from left to right in every language; names follow their own letters.
    let direction = if matches!(field.kind, "text" | "area") {
        "auto"
    } else {
        "ltr"
    };
    html! {
        div.field {
            label for=(field.name) { (field.label) }
            @if field.kind == "area" {
                textarea #(field.name) name=(field.name) rows="6" dir=(direction) required[field.required] maxlength=[max_length]
                    aria-describedby=[described] aria-invalid=[invalid] autofocus[wrong.is_some()] {
                    // The HTML parser drops one line break after the tag: this one, not the writer's.
                    "\n" (field.value)
                }
            } @else {
                input #(field.name) name=(field.name) type=(field.kind) value=(field.value) dir=(direction) autocomplete=[autocomplete]
                    required[field.required] maxlength=[max_length] aria-describedby=[described] aria-invalid=[invalid]
                    autofocus[wrong.is_some()];
            }
            @if let Some(message) = wrong { p.error id=(error_id) { (message.sentence()) } }
            @if !field.hint.is_empty() { p.hint id=(hint_id) { (field.hint) } }
        }
    }
}

/// The error of a form as a whole; for an error of one of `fields`, a reference to the field.
#[must_use]
pub fn summary(message: Option<&LocalizedError<'_>>, fields: &[&str], failed: &str) -> Markup {
    html! {
        @if let Some(message) = message {
            p.notice.bad role="alert" {
                strong { (failed) } " "
                @if message.error.field.is_some_and(|field| fields.contains(&field)) { (message.words().text(MessageKey::Marked)) }
                @else {
                    (message.sentence())
                    @if let Some(wait) = message.wait() { " " (wait) }
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
        let message = LocalizedError::to_staff(&error);
        let name = field(
            Field {
                name: "name",
                label: "Name",
                hint: "Shown.",
                ..Field::default()
            },
            Some(&message),
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
            Some(&message),
        )
        .0;
        assert!(
            !text.contains("aria-invalid") && text.contains("\n\n&lt;/textarea&gt;"),
            "{text}"
        );
    }
}
