//! A small sound package for tests, to be broken one cell at a time.

#![allow(clippy::unwrap_used)]

use std::{fs, path::PathBuf, str::FromStr};

use tempfile::TempDir;

use crate::{
    base::diagnostic::Diagnostics,
    world::{
        World,
        package::{DESCRIPTOR, Package},
    },
};

/// Tables of the mini package: file and text.
const TABLES: &[(&str, &str)] = &[
    (
        "minerals.csv",
        "\
id,name,symbol,kind,market,basis,mine_product,refined_product,recovery_low,recovery_mid,recovery_high,recovery_grade,mine_utilisation,refine_utilisation,lists,source,note
alumina,Alumina,Al2O3,host,alumina,t Al2O3,bauxite,alumina,0.85,0.9,0.95,B,,,,usgs-mcs-2026,
dysprosium,Dysprosium,Dy,element,rare_earths,t Dy2O3,,,,,,,,,US2025;EU2023,usgs-mcs-2026,
gallium,Gallium,Ga,critical,gallium,t Ga,,primary gallium,,,,,,0.6,US2025;EU2023,usgs-mcs-2026,
rare_earths,Rare earths,REE,aggregate,rare_earths,t REO,concentrate,oxides,0.7,0.8,0.9,C,,,US2025;EU2023,usgs-mcs-2026,
tungsten,Tungsten,W,critical,tungsten,t W,concentrate,APT,0.85,0.93,0.97,B,0.85,0.8,US2025;EU2023,usgs-mcs-2026,
zinc,Zinc,Zn,host,zinc,t Zn,concentrate,slab zinc,0.9,0.94,0.97,B,,,US2025,usgs-mcs-2026,
",
    ),
    (
        "countries.csv",
        "\
iso3,iso_numeric,name,aliases
AUT,40,Austria,
CHN,156,China,\"China, mainland;PRC\"
KAZ,398,Kazakhstan,Republic of Kazakhstan
ROW,,Other countries,
USA,840,United States,United States of America
VNM,704,Viet Nam,Vietnam
WLD,,World,World total
",
    ),
    (
        "blocs.csv",
        "bloc,iso3,from,to,joined,left,source,note\nEU27,AUT,1995,,1995-01-01,,orecast,\nTPP,USA,2016,2017,2016-02,2017-01-23,orecast,\nTPP,VNM,2016,,2016-02,,orecast,\n",
    ),
    (
        "production.csv",
        "\
mineral,stage,iso3,year,value,low,high,raw,raw_unit,flag,product,source,vintage,grade,note
gallium,refine,CHN,2024,750,,,750,t,estimated,,usgs-mcs-2026,2026,A,
tungsten,mine,CHN,2024,67000,,,67000,t,,,usgs-mcs-2026,2026,A,
tungsten,mine,CHN,2024,63000,,,63000,t,,concentrate,usgs-mcs-2025,2025,A,
tungsten,mine,KAZ,2024,0,,,-,t,,,usgs-mcs-2026,2026,A,
tungsten,mine,USA,2024,,,,W,t,withheld,,usgs-mcs-2026,2026,A,
tungsten,mine,VNM,2024,3400,3000,3500,3400,t,estimated,,usgs-mcs-2026,2026,A,
tungsten,mine,WLD,2024,81000,,,81000,t,,,usgs-mcs-2026,2026,A,
tungsten,mine,CHN,2025,65000,,,65000,t,estimated,,usgs-mcs-2026,2026,A,
tungsten,mine,KAZ,2025,2400,,,2400,t,estimated,,usgs-mcs-2026,2026,A,
tungsten,refine,CHN,2024,60000,55000,66000,,t,derived,,orecast,2026-05,C,
tungsten,refine,CHN,2024,1200,,,1200,t,,ferrotungsten,orecast,2026-05,C,
zinc,mine,KAZ,2024,320000,,,320,kt,,,usgs-mcs-2026,2026,A,
zinc,mine,CHN,2024,4000000,,,4000,kt,,,usgs-mcs-2026,2026,A,
",
    ),
    (
        "capacity.csv",
        "\
mineral,stage,iso3,year,value,low,high,raw,raw_unit,flag,product,source,vintage,grade,note
gallium,refine,CHN,2024,1000,,,1000,t,,,usgs-mcs-2026,2026,A,
",
    ),
    (
        "reserves.csv",
        "\
mineral,stage,iso3,year,value,low,high,raw,raw_unit,flag,product,source,vintage,grade,note
tungsten,mine,CHN,2025,2500000,,,2500000,t,,,usgs-mcs-2026,2026,A,
tungsten,mine,WLD,2025,4700000,,,>4700000,t,at-least,,usgs-mcs-2026,2026,A,
",
    ),
    (
        "requirements.csv",
        "mineral,stage,iso3,year,value,low,high,raw,raw_unit,flag,product,source,vintage,grade,note\n",
    ),
    (
        "stocks.csv",
        "mineral,stage,iso3,year,value,low,high,raw,raw_unit,flag,product,source,vintage,grade,note\n",
    ),
    (
        "trade.csv",
        "\
mineral,stage,exporter,importer,year,hs6,tonnes,gross_tonnes,kusd,flag,source,grade
tungsten,mine,KAZ,CHN,2024,261100,120,240,2600,,baci-2026,B
tungsten,mine,VNM,CHN,2024,261100,500,1000,11000,,baci-2026,B
tungsten,refine,CHN,USA,2024,284180,900,1200,30000,,baci-2026,B
tungsten,refine,CHN,USA,2024,810110,600,600,25000,estimated,baci-2026,C
zinc,mine,KAZ,CHN,2024,260800,160000,320000,341000,,baci-2026,B
",
    ),
    ("trade_totals.csv", "mineral,stage,iso3,year,direction,tonnes,raw,flag,source,vintage\n"),
    (
        "trade_codes.csv",
        "\
hs6,mineral,stage,content_low,content,content_high,share,exceptions,coverage,why,source,grade,note
261100,tungsten,mine,0.36,0.5,0.54,1,,flows,,orecast,B,
",
    ),
    (
        "prices.csv",
        "\
mineral,stage,product,primary,year,usd_per_t,low,high,conversion,flag,source,grade
tungsten,mine,concentrate,true,2024,31778,,,USD/mtu WO3 / 0.00793 t W,,usgs-mcs-2026,A
tungsten,mine,concentrate,true,2025,47900,45000,52000,USD/mtu WO3 / 0.00793 t W,estimated,usgs-mcs-2026,A
tungsten,mine,scrap,false,2024,21000,,,,,usgs-mcs-2026,B
",
    ),
    (
        "price_history.csv",
        "\
mineral,stage,product,date,usd_per_t,source,grade
zinc,refine,LME,2024-12,3000,orecast,A
zinc,refine,LME,2025-01,2900,orecast,A
",
    ),
    (
        "quotes.csv",
        "\
mineral,stage,product,series,place,iso3,date,kind,usd_per_t,low,high,raw,raw_unit,conversion,seen,source,grade,note
tungsten,mine,concentrate Rotterdam,concentrate,outside,CHN,2025-06-18,spot,52000,50000,54000,396-428,USD/mtu,/ 0.00793,2025-06-19,orecast,A,
tungsten,mine,concentrate China,concentrate,inside,CHN,2026-01,mean,33000,,,262,USD/mtu,/ 0.00793,2026-02,orecast,B,
",
    ),
    (
        "guidance.csv",
        "\
mineral,stage,iso3,who,kind,from,to,value,low,high,raw,raw_unit,detail,seen,source,grade,note
tungsten,mine,KAZ,North Metals,guidance,2026,,3000,2800,3200,3000,t W,,2025-09-01,orecast,B,
",
    ),
    ("unknowns.csv", "mineral,what,wanted,looked,note\ngallium,price outside China,2026,2026-10,\n"),
    (
        "elasticities.csv",
        "\
mineral,side,stage,horizon,low,mid,high,source,grade
tungsten,supply,mine,short,0.1,0.2,0.3,orecast,C
tungsten,supply,mine,long,0.5,0.9,1.5,orecast,C
tungsten,demand,refine,short,-0.3,-0.2,-0.1,orecast,C
",
    ),
    (
        "byproducts.csv",
        "\
mineral,host,host_stage,share_low,share_mid,share_high,max_over_realised,source,grade
gallium,alumina,refine,0.9,0.95,0.99,10,usgs-mcs-2026,B
gallium,zinc,mine,0.01,0.05,0.1,10,usgs-mcs-2026,B
",
    ),
    (
        "baskets.csv",
        "mineral,of,stage,product,iso3,low,mid,high,deposit,source,grade,note\n",
    ),
    (
        "lists.csv",
        "\
list,mineral,from,to,source,grade,note
US2025,dysprosium,2025-11-07,,orecast,A,
EU2023,dysprosium,2023-03,,orecast,A,
US2025,gallium,2025-11-07,,orecast,A,
EU2023,gallium,2023-03,,orecast,A,
US2025,rare_earths,2025-11-07,,orecast,A,
EU2023,rare_earths,2023-03,,orecast,A,
US2025,tungsten,2025-11-07,,orecast,A,
EU2023,tungsten,2023-03,,orecast,A,
US2025,zinc,2025-11-07,,orecast,A,
",
    ),
    (
        "end_uses.csv",
        "\
mineral,end_use,iso3,part,year,share,cost_share_low,cost_share_mid,cost_share_high,stands_for_world,stands_for_us,source,grade,note
tungsten,carbide_tools,WLD,,2024,0.6,0.03,0.1,0.25,true,true,orecast,B,
tungsten,ammunition,USA,,2024,0.1,,,,false,true,orecast,C,
",
    ),
    (
        "use_industries.csv",
        "\
end_use,industry,name,share,source,grade
ammunition,33299A,\"Ammunition, arms, ordnance\",1,orecast,C
carbide_tools,333515,Cutting and machine tool accessories,0.9,orecast,C
",
    ),
    (
        "recycling.csv",
        "mineral,metric,iso3,year,low,mid,high,source,grade\ntungsten,eol-rir,WLD,2020,,0.42,,orecast,B\n",
    ),
    (
        "import_reliance.csv",
        "\
mineral,stage,product,iso3,year,percent,flag,definition,source,vintage
tungsten,,tungsten,USA,2024,50,at-least,imports less exports,usgs-mcs-2026,2026
",
    ),
    (
        "import_sources.csv",
        "\
mineral,stage,product,importer,exporter,from,to,percent,source,vintage
tungsten,,tungsten,USA,CHN,2021,2024,27,usgs-mcs-2026,2026
tungsten,,tungsten,USA,ROW,2021,2024,73,usgs-mcs-2026,2026
",
    ),
    (
        "demand.csv",
        "\
mineral,scenario,year,low,mid,high,source,grade
tungsten,STEPS,2030,1.1,1.2,1.3,orecast,C
tungsten,STEPS,2040,1.3,1.6,1.9,orecast,C
",
    ),
    ("outlook.csv", "mineral,stage,iso3,year,value,product,source,grade,note\n"),
    (
        "governance.csv",
        "\
iso3,indicator,year,value,source,grade
KAZ,wgi-rl,2021,-0.48,world-bank-wgi,A
KAZ,wgi-rl,2023,-0.45,world-bank-wgi,A
",
    ),
    ("distance.csv", "a,b,km\nCHN,KAZ,4008\nKAZ,KAZ,900\nKAZ,USA,10257\n"),
    (
        "projects.csv",
        "\
id,name,iso3,mineral,stage,status,lat,lon,increment_low,increment_mid,increment_high,readings,start_low,start_mid,start_high,capex_musd,life_years,owner,control,offtake,buyers,counts,source,source_date,reference,grade_existence,grade_numbers,note
KZ-W-NORTH,North mine,KAZ,tungsten,mine,producing,44.1,79.3,2500,3000,3300,,2025,2025,2026,300,14,North Metals,CHN:0.9;KAZ:0.1,,,true,orecast,2026-02,page 4,B,C,
",
    ),
    (
        "ownership.csv",
        "mineral,stage,iso3,controller,share,source,reference,grade\ntungsten,mine,KAZ,CHN,0.9,orecast,page 4,B\n",
    ),
    ("transit.csv", "mineral,stage,iso3,source,note\n,,AUT,orecast,hub for all\n"),
    (
        "restrictions.csv",
        "\
id,exporter,mineral,hs6,forms,scrap_only,measure,rate_percent,terms,from,to,purpose,document,source,grade
R-1,CHN,tungsten,261100,ore,false,export-tax,20,,2024-01-01,2024-12-31,,,orecast,B
",
    ),
    (
        "io_sectors.csv",
        "\
code,name,division,output_musd,value_added_musd,compensation_musd,taxes_musd,surplus_musd,commodity_output_musd,household_musd,investment_musd,inventories_musd,exports_musd,imports_musd,government_musd,imported_final_musd,latest_output_musd,latest_year
2122A0,Metal ore mining,07,1000,900,500,100,300,1000,,,-3,60,62,,5,1700,2023
331410,Smelting and refining,24,1500,550,300,50,200,1450,,,,,,,,2100,2023
",
    ),
    (
        "value_added.csv",
        "place,division,year,value,source,grade\nUSA,25,2017,148000,orecast,B\nUSA,07,2017,20000,orecast,B\n",
    ),
    ("io_makes.csv", "industry,commodity,musd\n2122A0,2122A0,1000\n331410,331410,1500\n"),
    ("io_uses.csv", "commodity,industry,musd,imported_musd\n2122A0,331410,900,57\n2122A0,2122A0,100,\n"),
    (
        "hazard.csv",
        "\
parameter,iso3,low,mid,high,source,grade,note
alignment,,1,1.2,1.4,orecast,C,
events,CHN,1,2,4,orecast,C,
",
    ),
    (
        "hazard_events.csv",
        "iso3,mineral,year,hard,measures,source,grade\nCHN,gallium,2023,false,M6,orecast,C\n",
    ),
    (
        "agreements.csv",
        "\
id,name,date,side_a,side_b,signatories,form,force,force_note,status,status_date,status_note,minerals,others,money_musd,money_note,deadlines,named_projects,outcome,source,source_date,grade,note
US-KAZ-2024,Memorandum,2024-03-05,USA,KAZ,,memorandum,non-binding,,signed,2024-09,signed,tungsten,broad,,,,,,orecast,2024-09,B,
TPP-VNM-2023,Partnership,2023-11,TPP,VNM,,framework,non-binding,,signed,2024,,,broad,10,fund,,,,orecast,2024,C,recalled
",
    ),
    (
        "clauses.csv",
        "\
deal,clause,strength,text,source,grade
US-KAZ-2024,offtake,promised,half of the output,orecast,B
US-KAZ-2024,price-floor,unknown,not public,orecast,B
",
    ),
    (
        "lead_times.csv",
        "\
id,topic,name,subject,mineral,scope,iso3,from,to,value,low,high,unit,n,period,source,reference,source_date,grade,note
LT001,lead_time,mean,all metals,,world,,discovery,production,15.7,6,32,years,127,,orecast,page 1,2023,A,
",
    ),
    (
        "finance.csv",
        "\
id,topic,name,subject,mineral,scope,iso3,from,to,value,low,high,unit,n,period,source,reference,source_date,grade,note
FN001,capex_overrun,mean,mining,,world,,,,1.14,,,ratio,63,,orecast,page 2,2008,A,
",
    ),
    ("fiscal.csv", "iso3,mineral,levy,low,mid,high,source,reference,grade,note\n,,royalty,0.02,0.04,0.08,orecast,,C,\n"),
    (
        "stock_holders.csv",
        "product,class,sold_since_t,source,grade,note\ncommercial inventory,commercial,0,orecast,C,\n",
    ),
    (
        "licence_rules.csv",
        "\
regime,iso3,licence,rule,from_year,to_year,from_blocks,to_blocks,value,low,high,unit,text,seen,source,reference,grade
kazakhstan,KAZ,exploration,term,,,,,6,,,years,,true,orecast,page 3,B
",
    ),
    ("deal_projects.csv", "deal,project,link,source,grade\nUS-KAZ-2024,KZ-W-NORTH,named,orecast,B\n"),
    (
        "events.csv",
        "\
deal,thread,project,actor,step,date,due,seen,amount_musd,counts,text,source,grade,note
US-KAZ-2024,bank-north,KZ-W-NORTH,USA,letter-of-interest,2024-03-05,,2026-03,90,true,letter,orecast,B,
US-KAZ-2024,bank-north,KZ-W-NORTH,USA,committed,2026-03,,,120,true,loan,orecast,B,
US-KAZ-2024,plan,,KAZ,delivered,2024-05-20,2024-04-04,2024-09,,true,plan of work,orecast,B,
US-KAZ-2024,output,KZ-W-NORTH,KAZ,delivered,,2027,2026-03,,true,first output,orecast,B,
",
    ),
    (
        "measures.csv",
        "\
id,actor,targets,target_note,minerals,others,goods,kind,strength,announced,from,to,suspended,returns,extended,returns_before,state,seen,state_note,deal,hs6,scope,scrap_only,duplicate_of,effect,source,reference,grade,note
CN-2025-W,CHN,,,tungsten,,metal,licence,dual use,2025-02-04,2025-02-04,,,,,,in-force,,,,,,false,,,orecast,,B,
CN-2024-KZ,CHN,KAZ,,tungsten,,mine,counter-offer,,,2024-06,,,,,,reported,,,US-KAZ-2024,,,false,,,orecast,,B,
",
    ),
    (
        "price_events.csv",
        "\
id,event,began,mineral,product,window,before,after,unit,base_year,horizon,option,argument,assumed,reason,source,reference,grade
E1,China licenses gallium,2024-08,gallium,metal,a year,100,200,USD/kg,2024,medium,licence,CHN=50%,false,half left,orecast,,B
E2,China ends a quota,2012,gallium,metal,a year,200,100,USD/kg,,,,,false,no base year,orecast,,B
",
    ),
    (
        "precedents.csv",
        "\
id,topic,clause,name,subject,place,stage,value,low,high,raw,unit,n,period,source,reference,source_date,grade,note
P1,lever,price-floor,A contract,NdPr,USA,,110,,,,USD/kg,1,10,orecast,page,2025,B,
",
    ),
    (
        "sources.csv",
        "\
id,title,publisher,url,licence,retrieved,sha256,note
baci-2026,BACI 2026,CEPII,https://example.org/baci,Etalab 2.0,2026-02-01,,
orecast,Assumptions of this project,Orecast,,CC-BY-4.0,2026-05-01,,
usgs-mcs-2025,Mineral Commodity Summaries 2025,USGS,https://example.org/mcs2025,public domain,2025-02-01,,
usgs-mcs-2026,Mineral Commodity Summaries 2026,USGS,https://example.org/mcs2026,public domain,2026-02-01,,
world-bank-wgi,Worldwide Governance Indicators,World Bank,https://example.org/wgi,CC-BY-4.0,2025-11-01,,
",
    ),
];

/// A sound package of a few rows in a directory of its own.
pub(crate) struct MiniPackage(TempDir);

impl MiniPackage {
    /// Writes the sound package, described as the shipped one is.
    pub(crate) fn new() -> Self {
        let mini = Self(tempfile::tempdir().unwrap());
        fs::copy(shipped_data().join(DESCRIPTOR), mini.path(DESCRIPTOR)).unwrap();
        for (file, text) in TABLES {
            fs::write(mini.path(file), text).unwrap();
        }
        mini
    }

    /// The same package with a text of one file replaced where it first stands; the text must be there.
    #[must_use]
    pub(crate) fn with(self, file: &str, old: &str, new: &str) -> Self {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(old), "{file} has no `{old}`");
        fs::write(self.path(file), text.replacen(old, new, 1)).unwrap();
        self
    }

    /// The same package with a line more in one file.
    #[must_use]
    pub(crate) fn with_line(self, file: &str, line: &str) -> Self {
        let text = fs::read_to_string(self.path(file)).unwrap();
        fs::write(self.path(file), format!("{text}{line}\n")).unwrap();
        self
    }

    /// The same package without one file.
    #[must_use]
    pub(crate) fn without(self, file: &str) -> Self {
        fs::remove_file(self.path(file)).unwrap();
        self
    }

    /// Reads the package.
    pub(crate) fn load(&self) -> Result<World, Diagnostics> {
        World::load(self.0.path())
    }

    /// What reading the package complains about, with files named relative to it.
    pub(crate) fn report(&self) -> String {
        let directory = format!("{}/", self.0.path().display());
        self.load().unwrap_err().to_string().replace(&directory, "")
    }

    /// Reads the package with folders of own data over it.
    pub(crate) fn load_with(&self, layers: &[&OwnData]) -> Result<World, Diagnostics> {
        let layers: Vec<PathBuf> = layers.iter().map(|layer| layer.0.path().to_owned()).collect();
        World::load_with(self.0.path(), &layers)
    }

    /// Path of a file of the package.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }
}

/// A folder of own data.
pub(crate) struct OwnData(TempDir);

impl OwnData {
    /// Writes these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            fs::write(folder.path().join(file), text).unwrap();
        }
        Self(folder)
    }

    /// What reading the mini package under this folder complains about, with files named relative to both.
    pub(crate) fn report(&self) -> String {
        let mini = MiniPackage::new();
        let report = mini.load_with(&[self]).unwrap_err().to_string();
        let folder = |folder: &TempDir| folder.path().display().to_string();
        report.replace(&folder(&self.0), "own").replace(&(folder(&mini.0) + "/"), "")
    }
}

/// The directory of shipped facts.
fn shipped_data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data")
}

/// The shipped facts.
pub(crate) fn shipped_world() -> World {
    World::load(&shipped_data()).unwrap()
}

/// The description of the shipped facts.
pub(crate) fn shipped_package() -> Package {
    Package::read(&shipped_data()).unwrap()
}

/// An identifier from a text that is one.
pub(crate) fn id<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// Holds a schema against the one in the docs; with `ORECAST_RENEW` set, writes it there first.
pub(crate) fn assert_schema_in_docs(name: &str, schema: &serde_json::Value) {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/schemas/{name}.schema.json"));
    let now = serde_json::to_string_pretty(schema).unwrap() + "\n";
    if std::env::var_os("ORECAST_RENEW").is_some() {
        fs::write(&path, &now).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == now, "{name}.schema.json is out of date; run the tests once with ORECAST_RENEW=1");
}
