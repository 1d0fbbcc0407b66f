//! Figures of confidential sources are left out of documents, which are easily passed on.

use serde_json::Value;

use crate::world::World;

/// What a withheld row still says: what it is about and where it is from.
const NAMED: [&str; 11] = [
    "mineral", "stage", "iso3", "exporter", "importer", "year", "id", "source", "sources", "vintage", "grade",
];
/// Numbers computed from rows, from which a withheld figure could be found again.
const COMPUTED: [&str; 5] = ["share", "sum", "spread", "rank", "world"];

/// Empties every row of a confidential source but for what names it, and leaves out what is computed from rows.
pub fn withhold(world: &World, value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| withhold(world, item)),
        Value::Object(fields) => {
            let cited = ["source", "sources"].into_iter().filter_map(|name| fields.get(name));
            let cited: Vec<&str> = cited
                .flat_map(|cited| match cited {
                    Value::Array(ids) => ids.iter().filter_map(Value::as_str).collect(),
                    id => id.as_str().into_iter().collect::<Vec<_>>(),
                })
                .collect();
            let is_row = fields.contains_key("source");
            if cited.iter().filter_map(|id| id.parse().ok()).any(|id| world.is_confidential(&id)) {
                fields.retain(|name, _| NAMED.contains(&name.as_str()));
                fields.insert("confidential".to_owned(), true.into());
            } else if !is_row {
                fields.retain(|name, _| !COMPUTED.contains(&name.as_str()));
            }
            fields.values_mut().for_each(|field| withhold(world, field));
        }
        _ => {}
    }
}
