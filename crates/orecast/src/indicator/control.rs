//! The same indicators by who controls the output instead of where it lies: a mine in one country that owners from
//! another control counts for the owners' country.

use super::{
    concentration,
    dependence::{Pick, consumption, controlled},
    view::View,
};
use crate::base::{id::Iso3, unit::Stage};

/// Amounts by country, in the order in which the countries first appear.
type Amounts = Vec<(Iso3, f64)>;

/// Output of a stage by country of control, tonnes.
pub fn outputs(view: &View<'_>, stage: Stage) -> Amounts {
    let mut sums = Amounts::new();
    for part in view.parts.iter().filter(|part| view.sellers[part.seller].stage == stage) {
        for &(owner, share) in &*part.control {
            add(&mut sums, owner, share * part.output);
        }
    }
    sums
}

/// Herfindahl-Hirschman index of a stage's output by country of control, 0 to 10,000.
pub fn hhi(outputs: &[(Iso3, f64)]) -> Option<f64> {
    concentration::hhi(&tonnes(outputs))
}

/// Share of a stage's output that owners from the `n` countries that control most of it have, 0 to 1.
pub fn top_share(outputs: &[(Iso3, f64)], n: usize) -> Option<f64> {
    concentration::top_share(&tonnes(outputs), n)
}

/// Tonnes that the group's refineries and users buy of what a stage sells, by country that controls the sellers, the
/// group's own included. Each seller sells the same mix of its owners' output to everyone.
pub fn suppliers(view: &View<'_>, stage: Stage, members: Pick<'_>) -> Amounts {
    let mut bought = vec![0.0; view.sellers.len()];
    for flow in view.flows_at(stage).filter(|flow| members(flow.buyer)) {
        bought[flow.from] += flow.tonnes;
    }
    let mut sums = Amounts::new();
    for (seller, share, control) in shares(view, stage) {
        if bought[seller] > 0.0 {
            for &(owner, part) in control {
                add(&mut sums, owner, bought[seller] * share * part);
            }
        }
    }
    sums
}

/// Number of equal suppliers that would be as concentrated as the countries that control what the group buys, its own
/// owners, at home and abroad, counted as one.
pub fn diversification(view: &View<'_>, stage: Stage, members: Pick<'_>) -> Option<f64> {
    let (own, others): (Amounts, Amounts) =
        suppliers(view, stage, members).into_iter().partition(|(owner, _)| members(*owner));
    let mut amounts = tonnes(&others);
    amounts.push(tonnes(&own).iter().sum());
    concentration::effective_number(&amounts)
}

/// Share of the world's output of a stage below which what a group consumes of it is next to nothing: a ratio to it says
/// nothing.
pub(super) const NEGLIGIBLE: f64 = 1e-3;

/// Output that the group's owners control, at home and abroad, over what the group consumes of the stage's product. Absent
/// where the group consumes less than a thousandth of the world's output of the stage.
pub fn self_sufficiency(view: &View<'_>, stage: Stage, members: Pick<'_>) -> Option<f64> {
    let parts = view.parts.iter().filter(|part| view.sellers[part.seller].stage == stage);
    let owned: f64 = parts.map(|part| part.output * controlled(&part.control, members)).sum();
    let consumed = consumption(view, stage, members);
    let world: f64 = view.outputs(stage).iter().sum();
    (consumed > 0.0 && consumed >= NEGLIGIBLE * world).then(|| owned / consumed)
}

/// Share of cross-border trade of what a stage sells whose owners and buyers are on the same side of the line between a
/// bloc and everyone else, 0 to 1. Absent where nothing crosses a border.
pub fn trade_inside(view: &View<'_>, stage: Stage, bloc: Pick<'_>) -> Option<f64> {
    let mut crossing = vec![[0.0; 2]; view.sellers.len()];
    for flow in view.flows_at(stage).filter(|flow| view.origin(flow) != flow.buyer) {
        crossing[flow.from][usize::from(bloc(flow.buyer))] += flow.tonnes;
    }
    let all: f64 = crossing.iter().flatten().sum();
    let inside: f64 = shares(view, stage)
        .map(|(seller, share, control)| {
            let ours = controlled(control, bloc);
            let [outside, inside] = crossing[seller];
            share * (ours * inside + (1.0 - ours) * outside)
        })
        .sum();
    (all > 0.0).then(|| inside / all)
}

/// Parts of a stage's sellers: the seller, the part's share of its output, who controls it.
fn shares<'v>(view: &'v View<'_>, stage: Stage) -> impl Iterator<Item = (usize, f64, &'v [(Iso3, f64)])> {
    let mut sums = vec![0.0; view.sellers.len()];
    view.parts.iter().for_each(|part| sums[part.seller] += part.output);
    view.parts.iter().filter(move |part| view.sellers[part.seller].stage == stage).filter_map(move |part| {
        let sum = sums[part.seller];
        (sum > 0.0).then(|| (part.seller, part.output / sum, &*part.control))
    })
}

fn tonnes(amounts: &[(Iso3, f64)]) -> Vec<f64> {
    amounts.iter().map(|(_, tonnes)| *tonnes).collect()
}

/// Few countries control a stage: a list is faster than a tree.
fn add(sums: &mut Amounts, country: Iso3, tonnes: f64) {
    match sums.iter_mut().find(|(known, _)| *known == country) {
        Some((_, sum)) => *sum += tonnes,
        None => sums.push((country, tonnes)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{
        indicator::{
            dependence, fragmentation,
            view::{Flow, Part, Seller, User},
        },
        market::{Feed, Recipient},
        testing::id,
    };

    /// Kazakhstan mines 60, China controls half of it; China mines 40. The United States buy 30 and 10 of them.
    fn view() -> View<'static> {
        let seller =
            |country: &str, output| Seller { stage: Stage::Mine, country: id(country), output, price: None };
        let part = |seller, output, control: &[(&str, f64)]| Part {
            seller,
            feed: Feed::Ground,
            output,
            control: control.iter().map(|&(c, share)| (id(c), share)).collect::<Vec<_>>().into(),
        };
        let flow = |from, user, buyer: &str, tonnes| Flow {
            from,
            to: Recipient::User(user),
            buyer: id(buyer),
            tonnes,
        };
        let user = |country: &str| User { stage: Stage::Mine, country: id(country), price: None };
        View {
            two_stages: false,
            last_stage: Stage::Mine,
            sellers: vec![seller("KAZ", 60.0), seller("CHN", 40.0)],
            parts: vec![part(0, 60.0, &[("CHN", 0.5), ("KAZ", 0.5)]), part(1, 40.0, &[("CHN", 1.0)])],
            flows: vec![
                flow(0, 0, "USA", 30.0),
                flow(1, 0, "USA", 10.0),
                flow(0, 1, "CHN", 30.0),
                flow(1, 1, "CHN", 30.0),
            ],
            users: vec![user("USA"), user("CHN")],
        }
    }

    #[test]
    fn a_mine_owned_from_abroad_counts_for_its_owners() {
        let (view, close) = (view(), |a: Option<f64>, b: f64| (a.unwrap() - b).abs() < 1e-12);
        let usa: Pick<'_> = &|c| c == id("USA");
        let china: Pick<'_> = &|c| c == id("CHN");
        assert_eq!(outputs(&view, Stage::Mine), [(id("CHN"), 70.0), (id("KAZ"), 30.0)]);
        assert!(close(hhi(&outputs(&view, Stage::Mine)), 5_800.0));
        assert!(close(concentration::hhi(&view.outputs(Stage::Mine)), 5_200.0));
        // Of 40 bought, 25 are of Chinese owners though 10 are from China.
        assert_eq!(suppliers(&view, Stage::Mine, usa), [(id("CHN"), 25.0), (id("KAZ"), 15.0)]);
        assert!(close(
            diversification(&view, Stage::Mine, usa),
            1.0 / (0.625_f64.powi(2) + 0.375_f64.powi(2))
        ));
        assert!(close(
            dependence::diversification(&view, Stage::Mine, usa),
            1.0 / (0.75_f64.powi(2) + 0.0625)
        ));
        assert!(close(self_sufficiency(&view, Stage::Mine, china), 70.0 / 60.0));
        assert_eq!(self_sufficiency(&view, Stage::Mine, usa), Some(0.0));
        // The owners of a country that consumes next to nothing have no ratio to that.
        let mut next_to_nothing = view.clone();
        next_to_nothing.flows[0].tonnes = 0.09;
        next_to_nothing.flows[1].tonnes = 0.0;
        assert_eq!(self_sufficiency(&next_to_nothing, Stage::Mine, usa), None);
        // 70 cross borders: 30 to China, half of it from Chinese owners; 40 to outside, 15 of it from others.
        assert!(close(trade_inside(&view, Stage::Mine, china), 30.0 / 70.0));
        assert!(close(fragmentation::trade_inside(&view, Stage::Mine, china), 30.0 / 70.0));
    }
}
