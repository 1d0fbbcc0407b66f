//! The command `orecast`.

mod import;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "orecast", about = "What a critical-minerals deal really changes")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The data package.
    #[command(subcommand)]
    Data(Data),
}

#[derive(Debug, Subcommand)]
enum Data {
    /// Turn publisher files into rows of the data package.
    Import(import::ImportArgs),
}

fn main() -> ExitCode {
    let Command::Data(Data::Import(args)) = Cli::parse().command;
    match import::run(&args) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
