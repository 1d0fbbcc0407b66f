//! Shapley values against outside numbers (`E_shapley_4` and `E_shapley_glove` of the conformance vectors: the first
//! computed from the definition, the second the textbook glove market).

use orecast::base::shapley::shapley;

#[test]
fn four_players_of_whom_one_is_needed() {
    let weights = [5.0, 3.0, 2.0];
    let worth = |mask: u64| {
        let sum: f64 = (0..3).filter(|p| mask & (2 << p) != 0).map(|p| weights[p]).sum();
        vec![if mask & 1 == 0 { 0.0 } else { sum.sqrt() }]
    };
    let expected =
        [1.881_617_645_104_789, 0.611_884_257_614_530_8, 0.391_320_284_771_111_2, 0.277_455_472_677_948_07];
    let found = shapley(4, worth);
    for (found, expected) in found.iter().zip(expected) {
        assert!((found.value[0] - expected).abs() < 1e-12 && found.error[0] == 0.0);
    }
    let total: f64 = found.iter().map(|c| c.value[0]).sum();
    assert!((total - 10.0_f64.sqrt()).abs() < 1e-12);
}

#[test]
fn the_glove_market() {
    // Player 1 has a left glove, players 2 and 3 a right one each; only a pair is worth anything.
    let found = shapley(3, |mask| vec![f64::from(u8::from(mask & 1 != 0 && mask & 6 != 0))]);
    for (found, expected) in found.iter().zip([2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0]) {
        assert!((found.value[0] - expected).abs() < 1e-15);
    }
}
