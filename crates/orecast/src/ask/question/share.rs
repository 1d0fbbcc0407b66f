//! A share from 0 to 1, written as a number or in percent.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

/// A share from 0 to 1: `0.2`, or the text `20%`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Share(f64);

impl Share {
    /// The share, 0 to 1.
    pub const fn value(self) -> f64 {
        self.0
    }

    fn of(found: impl std::fmt::Display, value: Option<f64>) -> Result<Self, String> {
        let share = value.filter(|value| (0.0..=1.0).contains(value));
        share.map(Self).ok_or_else(|| {
            format!("`{found}` is not a share\n    write a share from 0% to 100%, or from 0 to 1")
        })
    }
}

impl std::str::FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let value = match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().ok().map(|percent| percent / 100.0),
            None => text.parse().ok(),
        };
        Self::of(text, value)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Share;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a share such as 0.2 or \"20%\"")
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Share, E> {
                Share::of(value, Some(value)).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Share, E> {
                Share::of(value, Some(value as f64)).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Share, E> {
                Share::of(value, Some(value as f64)).map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Share, E> {
                text.parse().map_err(E::custom)
            }
        }
        from.deserialize_any(Visitor)
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A share from 0 to 1: a number, or a text such as `20%`.",
            "anyOf": [
                { "type": "number", "minimum": 0, "maximum": 1 },
                { "type": "string", "pattern": "^\\s*[0-9.]+\\s*%?\\s*$" },
            ],
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_number_or_a_percentage_and_no_more_than_all() {
        let read = |text: &str| serde_json::from_str::<Share>(text).map(Share::value);
        assert_eq!(
            [read("0.2").unwrap(), read("\"20%\"").unwrap(), read("\"0.2\"").unwrap(), read("1").unwrap()],
            [0.2, 0.2, 0.2, 1.0]
        );
        let said = read("\"120%\"").unwrap_err().to_string();
        assert!(said.starts_with("`120%` is not a share"), "{said}");
        assert!(read("-0.5").is_err() && read("2").is_err() && read("\"half\"").is_err());
    }
}
