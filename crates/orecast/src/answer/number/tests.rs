#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use crate::answer::number::*;

fn on_terminal(low: f64, mid: f64, high: f64, unit: &str) -> String {
    figure(Range::new(low, mid, high), &Unit::parse(unit), Style::TERMINAL).to_string().replace('\u{a0}', "_")
}

fn as_difference(low: f64, mid: f64, high: f64, unit: &str) -> String {
    let style = Style::TERMINAL.difference();
    figure(Range::new(low, mid, high), &Unit::parse(unit), style).to_string().replace('\u{a0}', "_")
}

fn published(value: f64, unit: &str) -> String {
    on_terminal(value, value, value, unit)
}

#[test]
fn digits_follow_doubt() {
    assert_eq!(on_terminal(0.2811, 0.4137, 0.5602, "share"), "41_% (28 to 56)");
    assert_eq!(on_terminal(0.3e9, 0.57e9, 1.2e9, "USD"), "0.6_bn_USD (0.3 to 1.2)");
    assert_eq!(on_terminal(30_912.0, 41_234.0, 53_777.0, "USD/t"), "41,000_USD/t (31,000 to 54,000)");
    assert_eq!(on_terminal(0.3, 1.01, 1.2, "ratio"), "1.0× (0.3 to 1.2)", "value and range share the step");
    assert_eq!(on_terminal(0.0, 0.4, 0.8, "ratio"), "0.4× (0 to 0.8)", "half-width 0.4: a step of 0.1");
    assert_eq!(on_terminal(0.0, 0.399, 0.799, "ratio"), "0.40× (0 to 0.80)", "a little less: a step of 0.01");
}

#[test]
fn masses_choose_t_kt_or_mt() {
    assert_eq!(on_terminal(400.0, 600.0, 950.0, "t W"), "600_t_W (400 to 950)");
    assert_eq!(on_terminal(1_900.0, 2_400.0, 3_100.0, "t W"), "2.4_kt_W (1.9 to 3.1)");
    assert_eq!(on_terminal(2.1e6, 2.5e6, 3.0e6, "t"), "2.5_Mt (2.1 to 3.0)");
    assert_eq!(published(999.0, "t REO"), "999_t_REO");
    assert_eq!(published(1_000.0, "t REO"), "1_kt_REO");
}

#[test]
fn a_row_has_one_unit() {
    let small = Range::new(310.0, 400.0, 480.0);
    let large = Range::new(61_000.0, 64_000.0, 68_000.0);
    let written = row(&[small, large], &Unit::parse("t W"), Style::TERMINAL);
    let texts: Vec<String> = written.iter().map(|f| f.to_string().replace('\u{a0}', "_")).collect();
    assert_eq!(texts, ["0.40_kt_W (0.31 to 0.48)", "64.0_kt_W (61.0 to 68.0)"]);
    assert!(written.iter().all(|figure| figure.unit == "kt\u{a0}W"));
}

#[test]
fn published_figures_keep_their_digits() {
    let exact = Range::exact(2_400.0);
    let unit = Unit::parse("t W");
    assert_eq!(unscaled(exact, &unit, Style::TERMINAL).to_string(), "2,400\u{a0}t\u{a0}W");
    assert_eq!(published(12_345.0, "t"), "12.345_kt");
    assert_eq!(published(0.1 + 0.2, "t"), "0.3_t", "no digits from floating point");
    assert_eq!(published(1_234_567.0, "USD/t"), "1,234,567_USD/t");
    assert_eq!(published(1.0 / 3.0, "share"), "33.3_%", "derived figures show three digits");
    assert_eq!(published(67.25, "%"), "67.25_%");
    assert_eq!(published(4_321.4, "HHI"), "4,321");
    assert_eq!(published(2_031.0, "year"), "2031");
}

#[test]
fn money_is_usd_then_millions_then_billions() {
    assert_eq!(published(20_000.0, "USD"), "20,000_USD");
    assert_eq!(published(900e6, "USD"), "900_M_USD");
    assert_eq!(published(1.1e9, "USD"), "1.1_bn_USD");
    assert_eq!(on_terminal(0.4e6, 1.3e6, 2.6e6, "USD"), "1.3_M_USD (0.4 to 2.6)");
}

#[test]
fn differences_carry_signs_and_points() {
    assert_eq!(as_difference(-0.221, -0.134, -0.038, "share"), "\u{2212}13_pp (\u{2212}22 to \u{2212}4)");
    assert_eq!(as_difference(-310.0, 2_404.0, 4_800.0, "t W"), "+2.4_kt_W (\u{2212}0.3 to +4.8)");
    assert_eq!(as_difference(-3.0, 0.01, 3.5, "%"), "0_pp (\u{2212}3.0 to +3.5)");
    assert_eq!(
        on_terminal(-3.0, -1.2, 3.5, "%"),
        "\u{2212}1.2_% (\u{2212}3.0 to 3.5)",
        "a level has no plus"
    );
}

#[test]
fn a_value_lost_in_rounding_says_so_and_zero_stays_zero() {
    assert_eq!(on_terminal(0.0, 0.02, 1.5, "ratio"), "under_0.1× (0 to 1.5)");
    assert_eq!(on_terminal(0.0, 0.0, 1.5, "ratio"), "0× (0 to 1.5)");
    assert_eq!(published(0.0, "t W"), "0_t_W");
    assert_eq!(published(-0.0, "USD"), "0_USD");
}

#[test]
fn absent_is_a_dash_and_an_open_end_is_shown() {
    assert_eq!(on_terminal(f64::NAN, f64::NAN, f64::NAN, "share"), "–");
    assert_eq!(on_terminal(1.0, 2.6, f64::INFINITY, "ratio"), "2.60× (1.00 to ∞)",);
    assert_eq!(figure(Range::exact(2.6), &Unit::Ratio, Style::TERMINAL).at_least(), "at least 2.6×");
}

#[test]
fn years_have_no_comma_and_whole_steps() {
    assert_eq!(on_terminal(2_027.6, 2_030.1, 2_090.0, "year"), "2030 (2028 to 2090)");
}

#[test]
fn screens_use_a_thin_space_before_percent_only() {
    let share = figure(Range::new(0.28, 0.41, 0.56), &Unit::Share, Style::SCREEN);
    assert_eq!(share.value, "41\u{202f}%");
    assert_eq!((share.unit.as_str(), share.number.as_str(), share.step), ("%", "41", 1.0));
    assert_eq!(figure(Range::exact(3.0), &Unit::parse("t W"), Style::SCREEN).value, "3\u{a0}t\u{a0}W");
    assert_eq!(
        figure(Range::exact(3.0), &Unit::parse("days late"), Style::SCREEN).value,
        "3\u{a0}days\u{a0}late"
    );
}

#[test]
fn changes_read_as_words() {
    let words = |low, mid, high, unit| {
        change_in_words(Range::new(low, mid, high), &Unit::parse(unit), ["lower", "higher"])
            .replace('\u{a0}', " ")
    };
    assert_eq!(words(-0.22, -0.13, -0.04, "share"), "13 points lower, 4 to 22");
    assert_eq!(words(0.04, 0.13, 0.22, "share"), "13 points higher, 4 to 22");
    assert_eq!(words(-0.08, -0.01, 0.05, "share"), "1 point lower, from 8 points lower to 5 points higher");
    assert_eq!(words(-0.05, 0.001, 0.05, "share"), "about the same, from 5 points lower to 5 points higher");
    assert_eq!(words(0.0, 0.001, 0.05, "share"), "0.1 points higher, 0 to 5.0");
    assert_eq!(words(0.0, 0.0001, 0.05, "share"), "about the same, 0 to 5.0 points higher");
    assert_eq!(words(-3_500.0, -3_500.0, -3_500.0, "USD/t"), "3,500 USD/t lower");
    assert_eq!(words(f64::NAN, f64::NAN, f64::NAN, "USD/t"), "not known");
}

#[test]
fn counts_of_runs_never_round_to_certainty() {
    assert_eq!(runs(190, 200), "19 of 20 runs");
    assert_eq!(runs(199, 200), "more than 19 of 20 runs");
    assert_eq!(runs(200, 200), "all 200 runs");
    assert_eq!(runs(1, 200), "fewer than 1 of 20 runs");
    assert_eq!(runs(0, 200), "none of 200 runs");
    assert_eq!(runs(7, 8), "7 of 8 runs");
    assert_eq!(runs(1, 1), "the only run");
    assert_eq!(runs(0, 0), "no runs");
}

/// Reads a written number back.
fn read(text: &str) -> f64 {
    text.replace(',', "").replace('\u{2212}', "-").replace('+', "").parse().unwrap()
}

fn any_unit() -> impl Strategy<Value = Unit> {
    let names = ["t W", "USD/t", "USD", "share", "%", "ratio", "HHI", "year", "days"];
    prop::sample::select(names.map(Unit::parse).to_vec())
}

fn any_range() -> impl Strategy<Value = Range> {
    (-6..11i32, prop::array::uniform3(-1.0..1.0f64)).prop_map(|(exponent, mut points)| {
        points.sort_by(f64::total_cmp);
        let [low, mid, high] = points.map(|point| point * 10f64.powi(exponent));
        Range::new(low, mid, high)
    })
}

proptest! {
    #[test]
    fn what_is_shown_lies_within_half_a_step(range in any_range(), unit in any_unit(), difference: bool) {
        let style = Style { difference, ..Style::TERMINAL };
        let written = figure(range, &unit, style);
        let (factor, _) = unit.scale(largest(&[range]), style);
        let half = written.step / 2.0 + 1e-9 * (range.high - range.low).max(range.mid.abs()) * factor;
        match written.number.strip_prefix("under ") {
            Some(bound) => prop_assert!(range.mid > 0.0 && range.mid * factor <= read(bound) / 2.0 + half),
            None => prop_assert!((read(&written.number) - range.mid * factor).abs() <= half),
        }
        let Some(ends) = &written.range else { return Ok(()) };
        let (low, high) = ends[1..ends.len() - 1].split_once(" to ").unwrap();
        prop_assert!((read(low) - range.low * factor).abs() <= half, "{written}");
        prop_assert!((read(high) - range.high * factor).abs() <= half, "{written}");
        prop_assert!(read(low) < read(high));
        if !written.number.starts_with("under") {
            let middle = read(&written.number);
            prop_assert!(read(low) <= middle && middle <= read(high), "{written}");
        }
    }

    #[test]
    fn the_step_is_the_power_of_ten_under_a_quarter_of_the_half_width(range in any_range()) {
        let written = figure(range, &Unit::Other(String::new()), Style::TERMINAL);
        let quarter = (range.high - range.low) / 8.0;
        let six_digits = largest(&[range]) / 1e6;
        prop_assume!(quarter > six_digits * 10.0 && quarter > 1e-7);
        prop_assert!(written.step <= quarter * (1.0 + 1e-6) && written.step * 10.0 > quarter * (1.0 - 1e-6));
    }

    #[test]
    fn zero_has_no_sign_and_minus_is_never_a_hyphen(range in any_range(), unit in any_unit(), difference: bool) {
        let written = figure(range, &unit, Style { difference, ..Style::TERMINAL });
        let text = format!("{written} ");
        prop_assert!(!text.contains('-'), "{text}");
        for number in text.split(|c: char| !(c.is_ascii_digit() || ",.+\u{2212}".contains(c))) {
            let signed = number.starts_with(['+', '\u{2212}']);
            prop_assert!(!(signed && read(number) == 0.0), "{text}");
            prop_assert!(difference || !number.starts_with('+'), "{text}");
        }
    }

    #[test]
    fn no_input_stops_the_writer(
        points in prop::array::uniform3(prop::num::f64::ANY), unit in any_unit(), difference: bool,
    ) {
        let range = Range::new(points[0], points[1], points[2]);
        let written = figure(range, &unit, Style { difference, ..Style::SCREEN });
        prop_assert!(!written.value.is_empty());
        prop_assert!(!change_in_words(range, &unit, ["lower", "higher"]).is_empty());
    }

    #[test]
    fn a_count_of_runs_is_true_to_a_fortieth(count in 0..2_000usize, draws in 21..2_000usize) {
        prop_assume!(count > 0 && count < draws);
        let text = runs(count, draws);
        let share = count as f64 / draws as f64;
        match text.split_once(" of 20") {
            Some(("more than 19", _)) => prop_assert!(share >= 19.5 / 20.0 - 1e-3),
            Some(("fewer than 1", _)) => prop_assert!(share < 0.5 / 20.0 + 1e-3),
            Some((number, _)) => prop_assert!((read(number) / 20.0 - share).abs() <= 1.0 / 40.0 + 1e-3),
            None => prop_assert!(false, "{text}"),
        }
    }
}
