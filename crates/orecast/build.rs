//! Lists the files of the data package, so that the library carries them.

use std::{env, fmt::Write, fs, path::Path};

fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo names the folder of the crate");
    let data = Path::new(&root).join("../../data");
    println!("cargo::rerun-if-changed={}", data.display());
    let mut names: Vec<String> = fs::read_dir(&data)
        .expect("the data package lies beside the crates")
        .flatten()
        .filter(|entry| {
            let path = entry.path();
            path.extension().is_some_and(|end| end == "csv") || path.ends_with("datapackage.json")
        })
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let mut list = String::from("&[\n");
    for name in names {
        println!("cargo::rerun-if-changed={}", data.join(&name).display());
        let path = data.join(&name).display().to_string();
        writeln!(list, "    ({name:?}, include_bytes!({path:?})),").expect("a text takes any line");
    }
    list.push(']');
    let out = env::var("OUT_DIR").expect("cargo names the folder for what is generated");
    fs::write(Path::new(&out).join("package.rs"), list)
        .expect("the folder for what is generated can be written");
}
