//! An answer as one JSON document: the head's fields, the view, and the data's own fields beside them.

use crate::ask::Answer;

/// The document on one line, closed by a line break.
///
/// # Errors
/// Never for the answers that this library makes.
pub fn json(answer: &Answer) -> serde_json::Result<String> {
    let head = serde_json::to_string(&answer.head)?;
    let view = serde_json::to_string(&*answer.view.for_documents())?;
    let data = serde_json::to_string(&answer.data.document)?;
    let head = head.strip_suffix('}').unwrap_or(&head);
    // Data is an object of its own, or stands under a name where it is a list.
    let own = match data.strip_prefix('{') {
        Some("}") => "}".to_owned(),
        Some(fields) => format!(",{fields}"),
        None => format!(",\"rows\":{data}}}"),
    };
    Ok(format!("{head},\"view\":{view}{own}\n"))
}
