//! What the words of an intervention stand for: countries and amounts.

/// An amount behind the `=`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Amount {
    /// Percent.
    Percent(f64),
    /// Tonnes contained.
    Tonnes(f64),
}

/// What was found and what would be right.
type Fault = (String, String);

/// Takes the delay off an amount such as `60%+3m`: months until the first licence.
pub(super) fn read_delay(text: &str) -> Result<(&str, f64), Fault> {
    let Some((amount, delay)) = text.split_once('+') else { return Ok((text, 0.0)) };
    let months = delay.trim().strip_suffix('m').and_then(|digits| digits.trim().parse::<f64>().ok());
    let months = months.filter(|months| (0.0..=120.0).contains(months));
    let fault = || (format!("`{delay}` is not a delay"), "write months such as 60%+3m".to_owned());
    Ok((amount.trim(), months.ok_or_else(fault)?))
}

/// An amount such as `50%` or `1200t`.
pub(super) fn read_amount(text: &str) -> Result<Amount, Fault> {
    let number = |digits: &str| digits.trim().replace(',', "").parse::<f64>().ok().filter(|v| v.is_finite());
    let remedy = "write a percentage such as 50%, or tonnes contained such as 1200t".to_owned();
    let (found, value) = if let Some(digits) = text.strip_suffix('%') {
        (text, number(digits).map(Amount::Percent))
    } else if let Some(digits) = text.strip_suffix('t') {
        (text, number(digits).filter(|v| *v >= 0.0).map(Amount::Tonnes))
    } else {
        (text, None)
    };
    value.ok_or_else(|| (format!("`{found}` is not an amount"), remedy))
}
