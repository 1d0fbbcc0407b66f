//! A number of a lever: a range that remembers whether the deal stated it.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, de::Error as _};
use serde_json::{Value, json};

use crate::base::unit::Range;

/// Where a range comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Written in the case file.
    Stated,
    /// The case file is silent; the preset's number stands in.
    Preset,
    /// The case file says `unknown`; the documented wide range stands in.
    Unknown,
}

/// A number that may be uncertain: `5`, `[4, 5, 7]` (low, middle, high) or `"unknown"` in a file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quantity {
    /// The figure, in the unit that its field names.
    #[serde(flatten)]
    pub range: Range,
    /// Who says so.
    pub origin: Origin,
}

impl Quantity {
    /// A range that the case file gives.
    pub const fn stated(range: Range) -> Self {
        Self { range, origin: Origin::Stated }
    }

    /// Whether the case file gives the number itself.
    pub fn is_stated(&self) -> bool {
        self.origin == Origin::Stated
    }

    /// The numbers `5` or `[4, 5, 7]` as a range; nothing for other values.
    pub(super) fn range_of(value: &Value) -> Option<Range> {
        match value {
            Value::Number(number) => number.as_f64().map(Range::exact),
            Value::Array(items) => match items.iter().map(Value::as_f64).collect::<Option<Vec<_>>>()?[..] {
                [low, mid, high] => Some(Range::new(low, mid, high)),
                _ => None,
            },
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Filled {
            #[serde(flatten)]
            range: Range,
            origin: Origin,
        }
        let value = Value::deserialize(deserializer)?;
        if let Some(range) = Self::range_of(&value) {
            return Ok(Self::stated(range));
        }
        let Filled { range, origin } = serde_json::from_value(value).map_err(|_| {
            D::Error::custom(
                "expected a number, [low, middle, high], or an `unknown` that a preset has filled",
            )
        })?;
        Ok(Self { range, origin })
    }
}

impl JsonSchema for Quantity {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Quantity".into()
    }

    /// Without bounds and without `unknown`; fields with either name one of the functions below.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        between(None, None, false)
    }
}

/// Key of the schema that marks a quantity; its value holds the bounds.
pub(super) const MARK: &str = "x-quantity";

fn between(min: Option<f64>, max: Option<f64>, unknown: bool) -> Schema {
    let mut number = json_schema!({ "type": "number" });
    if let Some(min) = min {
        number.insert("minimum".to_owned(), min.into());
    }
    if let Some(max) = max {
        number.insert("maximum".to_owned(), max.into());
    }
    let mut forms = vec![
        number.clone().to_value(),
        json!({ "type": "array", "items": number, "minItems": 3, "maxItems": 3 }),
    ];
    if unknown {
        forms.push(json!({ "const": "unknown" }));
    }
    json_schema!({ "anyOf": forms, MARK: { "min": min, "max": max, "unknown": unknown } })
}

/// Schema of a quantity that cannot be negative.
pub(super) fn amount(_: &mut SchemaGenerator) -> Schema {
    between(Some(0.0), None, true)
}

/// Schema of a fraction or a probability.
pub(super) fn share(_: &mut SchemaGenerator) -> Schema {
    between(Some(0.0), Some(1.0), true)
}

/// Schema of a share that must be known.
pub(super) fn known_share(_: &mut SchemaGenerator) -> Schema {
    between(Some(0.0), Some(1.0), false)
}

/// Schema of a number of either sign.
pub(super) fn number(_: &mut SchemaGenerator) -> Schema {
    between(None, None, true)
}

/// What a text begins with that names an observed rate of the register.
pub(super) const OBSERVED: &str = "observed:";

/// A probability of a preset: a number, or the rate that the register has observed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Chance {
    /// A number or a range.
    Known(Quantity),
    /// `observed:NAME`, a rate of [`crate::register::rate`].
    Observed(String),
}

impl Chance {
    /// The name of the observed rate that it refers to.
    pub fn observed(&self) -> Option<&str> {
        match self {
            Self::Known(_) => None,
            Self::Observed(text) => Some(text.strip_prefix(OBSERVED).unwrap_or(text)),
        }
    }
}

impl JsonSchema for Chance {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Chance".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = between(Some(0.0), Some(1.0), false);
        let names: Vec<String> = rate_names().map(|name| format!("{OBSERVED}{name}")).collect();
        if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
            forms.push(json!({ "enum": names }));
        }
        if let Some(bounds) = schema.get_mut(MARK) {
            bounds["observed"] = true.into();
        }
        schema
    }
}

/// Names of the observed rates.
pub(super) fn rate_names() -> impl Iterator<Item = &'static str> {
    crate::register::rate::PRIORS.iter().map(|prior| prior.name)
}
