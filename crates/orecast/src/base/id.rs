//! Identifiers as types: a mineral can never be passed where a country is meant.

use std::{cell::RefCell, fmt, marker::PhantomData, str::FromStr, sync::Arc};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {kind}: {rule}")]
pub struct InvalidId {
    kind: &'static str,
    rule: &'static str,
    text: String,
}

/// Reads an identifier from text without a copy of the text.
struct FromText<T>(PhantomData<T>);

impl<T: FromStr<Err = InvalidId>> Visitor<'_> for FromText<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an identifier")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Declares a shared string identifier made of letters, digits, `_`, `-` and `.`.
macro_rules! string_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, schemars::JsonSchema)]
        #[schemars(with = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let id = text.trim();
                let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+');
                // The rows of a table mostly repeat the identifier of the row before: it is shared, not made again.
                thread_local! { static LAST: RefCell<Option<$name>> = const { RefCell::new(None) } }
                LAST.with_borrow_mut(|last| match last {
                    Some(last) if *last.0 == *id => Ok(last.clone()),
                    _ if id.is_empty() || !id.chars().all(legal) => {
                        let rule = "use letters, digits, `_`, `-`, `.` or `+`";
                        Err(InvalidId { kind: $kind, rule, text: text.to_owned() })
                    }
                    _ => Ok(last.insert(Self(id.into())).clone()),
                })
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(FromText(PhantomData))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

string_id!(
    /// A commodity with its own market, such as `tungsten`.
    MineralId,
    "mineral id"
);
string_id!(
    /// A source of figures, a row of `data/sources.csv`.
    SourceId,
    "source id"
);
string_id!(
    /// A mine, plant or programme, a row of `data/projects.csv`.
    ProjectId,
    "project id"
);
string_id!(
    /// A deal, such as `US-KAZ-2025`.
    DealId,
    "deal id"
);
string_id!(
    /// A reading of facts in dispute, within a case.
    BranchId,
    "branch id"
);
string_id!(
    /// A dated act of a state, such as `CN-2025-W5`.
    MeasureId,
    "measure id"
);
string_id!(
    /// A party of a deal: a country by its code, or a bloc.
    PartyId,
    "party"
);
string_id!(
    /// One promise followed through its steps, such as `exim-stibnite`.
    ThreadId,
    "thread"
);
string_id!(
    /// A named set of countries with dates, such as `EU27`.
    BlocId,
    "bloc id"
);
string_id!(
    /// One variant of a case, such as `no-deal`.
    ArmId,
    "arm id"
);

impl SourceId {
    /// The source of what this project assumes and documents.
    pub fn assumption() -> Self {
        Self("orecast-assumption".into())
    }
}

/// A country by its ISO 3166-1 alpha-3 code, or one of [`Iso3::WORLD`], [`Iso3::REST`] and [`Iso3::UNTRACED`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, schemars::JsonSchema)]
#[schemars(with = "String")]
pub struct Iso3([u8; 3]);

impl<'de> Deserialize<'de> for Iso3 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(FromText(PhantomData))
    }
}

impl Serialize for Iso3 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Iso3 {
    /// The world as a whole; used for published totals only.
    pub const WORLD: Self = Self(*b"WLD");
    /// Countries that a publisher lumps together as "other".
    pub const REST: Self = Self(*b"ROW");
    /// What was sold and whose user nobody knows: it is use nowhere, and no country.
    pub const UNTRACED: Self = Self(*b"XNT");

    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Whether this is none of the countries.
    pub fn is_aggregate(self) -> bool {
        [Self::WORLD, Self::REST, Self::UNTRACED].contains(&self)
    }
}

impl FromStr for Iso3 {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text.trim().as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(InvalidId {
                kind: "country code",
                rule: "use three capital letters (ISO 3166-1 alpha-3)",
                text: text.to_owned(),
            }),
        }
    }
}

impl fmt::Display for Iso3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Iso3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn country_codes_are_three_capitals() {
        assert_eq!("KAZ".parse::<Iso3>().map(|c| c.to_string()), Ok("KAZ".to_owned()));
        for wrong in ["kaz", "KA", "KAZA", "K1Z", ""] {
            assert!(wrong.parse::<Iso3>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn string_ids_trim_and_refuse_blanks() {
        assert_eq!(" tungsten ".parse::<MineralId>().map(|m| m.to_string()), Ok("tungsten".to_owned()));
        assert!("".parse::<MineralId>().is_err());
        assert!("rare earths".parse::<MineralId>().is_err());
    }
}
