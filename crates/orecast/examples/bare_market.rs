//! A calibrated market, changed by hand and solved again: the solver as a library of its own.
//!
//! `cargo run --example bare_market`

use orecast::{
    market::Solver,
    params::Params,
    pathway::Chain,
    world::{World, built_in::BUILT_IN},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A calibrated market of the shipped facts, then one condition changed by hand.
    let world = World::load(std::path::Path::new(BUILT_IN))?;
    let mineral = "gallium".parse()?;
    let chain = Chain::prepare(&world, &mineral, 2024, 2025..=2026, "STEPS", &[], &Params::DOCUMENTED.mid())?;
    let mut market = chain.base.market.clone();
    let mut solver = Solver::default();
    let before = solver.solve(&market);
    for user in &mut market.users {
        user.demand.quantity *= 1.1;
    }
    let after = solver.solve(&market);
    println!("certificate: {:?}, largest excess {:.1e}", after.status, after.certificate.excess);
    for (node, (was, is)) in market.nodes.iter().zip(before.price.iter().zip(&after.price)).take(5) {
        if let (Some(was), Some(is)) = (was, is) {
            println!("{} {}: {was:.0} to {is:.0} USD/t with a tenth more use", node.country, node.stage);
        }
    }
    Ok(())
}
