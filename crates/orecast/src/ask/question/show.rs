//! What is known about a mineral, a country or a group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Ask;
use crate::{
    answer,
    ask::{Control, Data, Engine, Error, Named, answer::Reply},
    world::{
        World,
        layer::Layer,
        show::{country_sheet, group_sheet, mineral_sheet},
    },
};

/// Who mines, refines, holds and buys a mineral; what a country or a group mines, refines and exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Show {
    /// A mineral, a country, a bloc or a list of countries: identifier, code, name or symbol, such as `tungsten`, `KAZ` or `EU27`.
    pub name: String,
}

/// A sheet with the own data that it rests on.
#[derive(Serialize)]
struct Document<'w, T> {
    #[serde(skip_serializing_if = "<[Layer]>::is_empty")]
    own_data: &'w [Layer],
    #[serde(flatten)]
    sheet: T,
}

/// A sheet as a document; figures of confidential sources are left out of it.
fn document(world: &World, sheet: impl Serialize) -> Data {
    let document = Document { own_data: world.layers(), sheet };
    let mut value = serde_json::to_value(&document).unwrap_or_default();
    if world.has_confidential() {
        answer::show::withhold(world, &mut value);
    }
    Data::of(value)
}

impl Ask for Show {
    fn reply(&self, engine: &Engine, _: &Control) -> Result<Reply, Error> {
        let (world, names) = (engine.world()?, engine.names()?);
        let year = world.base_year().unwrap_or_default();
        Ok(match names.any(&self.name, year)? {
            Named::Mineral(row) => {
                let sheet = mineral_sheet(world, row);
                Reply::new(answer::show::mineral::view(world, &sheet), document(world, &sheet))
            }
            Named::Group(group) => {
                let members: Vec<_> = group.members.iter().copied().collect();
                let only = if let [only] = members.as_slice() { world.country(*only) } else { None };
                if let Some(row) = only {
                    let sheet = country_sheet(world, row);
                    Reply::new(answer::show::country::view(world, &sheet), document(world, &sheet))
                } else {
                    let sheet = group_sheet(world, &group.name, &members, year);
                    Reply::new(answer::show::group::view(world, &sheet), document(world, &sheet))
                }
            }
        })
    }
}
