//! Who controls a project: the notation `CHN` or `USA:0.7;KAZ:0.3`.

use crate::base::{
    id::{InvalidId, Iso3},
    unit::Share,
};

/// Why a text does not say who controls a project.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidControl {
    /// A part does not begin with a country code.
    #[error(transparent)]
    Country(#[from] InvalidId),
    /// A share is not a number from 0 to 1.
    #[error("`{0}` is not a share from 0 to 1")]
    Share(String),
    /// A country without a share stands beside others.
    #[error("`{0}` has no share beside other countries")]
    NoShare(Iso3),
    /// The shares exceed the whole.
    #[error("the shares of `{0}` add to more than 1")]
    Excess(String),
}

/// Controlling countries with their shares; a lone code holds all, an empty text nobody known.
///
/// # Errors
/// When a code or a share cannot be read, or the shares add to more than 1.
pub fn parse_control(text: &str) -> Result<Vec<(Iso3, Share)>, InvalidControl> {
    let parts: Vec<&str> = text.split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
    let mut controllers = Vec::with_capacity(parts.len());
    for part in &parts {
        let (code, share) = part.split_once(':').map_or((*part, None), |(code, share)| (code, Some(share)));
        let country: Iso3 = code.parse()?;
        let share = match share {
            None if parts.len() == 1 => 1.0,
            None => return Err(InvalidControl::NoShare(country)),
            Some(share) => share
                .trim()
                .parse()
                .ok()
                .filter(|share| (0.0..=1.0).contains(share))
                .ok_or_else(|| InvalidControl::Share(share.to_owned()))?,
        };
        controllers.push((country, Share(share)));
    }
    // A hair of room for shares that were rounded to print.
    if controllers.iter().map(|(_, share)| share.0).sum::<f64>() > 1.0 + 1e-6 {
        return Err(InvalidControl::Excess(text.to_owned()));
    }
    Ok(controllers)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_country_controls_everything_and_shares_are_read() {
        let china: Iso3 = "CHN".parse().unwrap();
        assert_eq!(parse_control("CHN"), Ok(vec![(china, Share(1.0))]));
        let shares: Vec<f64> =
            parse_control("USA:0.7; KAZ:0.3").unwrap().iter().map(|(_, share)| share.0).collect();
        assert_eq!(shares, [0.7, 0.3]);
        assert_eq!(parse_control(""), Ok(Vec::new()));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let message = |text: &str| parse_control(text).unwrap_err().to_string();
        assert_eq!(message("USA;KAZ:0.3"), "`USA` has no share beside other countries");
        assert_eq!(message("USA:70"), "`70` is not a share from 0 to 1");
        assert_eq!(message("USA:0.7;KAZ:0.4"), "the shares of `USA:0.7;KAZ:0.4` add to more than 1");
        assert!(message("China").contains("three capital letters"));
    }
}
