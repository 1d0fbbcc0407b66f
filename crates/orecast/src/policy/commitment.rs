//! A commitment: a lever that somebody promised (or a shock nobody agreed to), with its chance and date.

use std::{collections::BTreeMap, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    lever::Lever,
    quantity::{self, Quantity},
};
use crate::base::{
    id::{ArmId, DealId, Iso3, SourceId},
    unit::Grade,
};

/// When a commitment takes hold, and with what chance it does so at all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Materialises {
    /// Probability that it materialises within the horizon, 0 to 1.
    #[schemars(schema_with = "quantity::share")]
    pub probability: Quantity,
    /// Calendar year in which it takes hold if it does; the middle of 2027 is 2027.5.
    #[schemars(schema_with = "quantity::number")]
    pub year: Quantity,
}

/// A lever with the chance and the date at which it materialises, and who says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("unevaluatedProperties" = false))]
pub struct Commitment {
    /// Name within the case; made of the lever and its object when absent. Commitments of the same name share
    /// their draws in all arms, so that arms differ by their terms and not by random numbers.
    #[schemars(extend("x-filled" = true, "x-names" = "new"))]
    pub id: String,
    /// Arms that it belongs to; empty: every arm that has a preset (for a shock: every arm).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-names" = "arm"))]
    pub arms: Vec<ArmId>,
    /// The further deal that it belongs to; absent: the case's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "deal"))]
    pub deal: Option<DealId>,
    /// For a response: the commitment that it answers. It happens only where that materialises, and not before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<String>,
    /// Country whose public budget bears the cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-names" = "country"))]
    pub payer: Option<Iso3>,
    /// Chance and date; the arm's preset fills what is absent.
    #[schemars(extend("x-filled" = true))]
    pub materialises: Materialises,
    /// Where it is reported: a source of this file or of `data/sources.csv`.
    #[schemars(extend("x-names" = "source"))]
    pub source: SourceId,
    /// How well the numbers are supported.
    pub grade: Grade,
    /// What was read, what was assumed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The instrument.
    #[serde(flatten)]
    pub lever: Lever,
}

impl Commitment {
    /// Every number by its field name (`amount_musd`, `probability`, `year`, ...), for samplers and tables.
    pub fn numbers(&self) -> BTreeMap<String, Quantity> {
        let mut numbers = BTreeMap::from([
            ("probability".to_owned(), self.materialises.probability),
            ("year".to_owned(), self.materialises.year),
        ]);
        if let Ok(Value::Object(fields)) = serde_json::to_value(&self.lever) {
            let quantities = fields.into_iter().filter(|(_, value)| value.get("origin").is_some());
            numbers.extend(
                quantities.filter_map(|(key, value)| Some((key, serde_json::from_value(value).ok()?))),
            );
        }
        numbers
    }
}

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    /// Year.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u32,
    /// Day of the month, 1 to 31.
    pub day: u32,
}

impl Date {
    /// The date as a year with a fraction; 1 January 2026 is 2026.0.
    pub fn as_years(self) -> f64 {
        f64::from(self.year) + (f64::from(self.month - 1) + f64::from(self.day - 1) / 31.0) / 12.0
    }
}

impl FromStr for Date {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Option<Vec<u32>> = text.split('-').map(|part| part.parse().ok()).collect();
        match parts.as_deref() {
            Some(&[year @ 1000..=9999, month @ 1..=12, day @ 1..=31]) => {
                Ok(Self { year: year.cast_signed(), month, day })
            }
            _ => Err(format!("`{text}` is not a date such as 2025-11-06")),
        }
    }
}

impl TryFrom<String> for Date {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl JsonSchema for Date {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date", "description": "A calendar day, such as 2025-11-06." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_and_print_alike() {
        let date: Result<Date, _> = "2025-11-06".parse();
        assert_eq!(date.as_ref().map(ToString::to_string), Ok("2025-11-06".to_owned()));
        assert!(date.is_ok_and(|d| (d.as_years() - 2025.847).abs() < 0.001));
        for wrong in ["2025-13-01", "2025-11", "06.11.2025", ""] {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
    }
}
