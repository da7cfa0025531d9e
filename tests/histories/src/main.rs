//! Runs histories (`--seeds NUMBER --start SEED`), or shows the trace of one (`--trace SEED`).

use std::process::ExitCode;

use github_bypass_requests_histories::{run, run_all};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mut seeds, mut start, mut trace) = (1000, 0, None);
    let are_valid = arguments.chunks(2).all(|pair| match pair {
        [name, value] => match (name.as_str(), value.parse()) {
            ("--seeds", Ok(value)) => {
                seeds = value;
                true
            }
            ("--start", Ok(value)) => {
                start = value;
                true
            }
            ("--trace", Ok(value)) => {
                trace = Some(value);
                true
            }
            _ => false,
        },
        _ => false,
    });
    if !are_valid {
        eprintln!("usage: histories [--seeds NUMBER] [--start SEED] | --trace SEED");
        return ExitCode::from(2);
    }
    if let Some(seed) = trace {
        let history = run(seed, None, true);
        println!("{}", history.trace);
        for violation in &history.violations {
            println!("{violation}");
        }
        return ExitCode::SUCCESS;
    }
    let total = run_all(start, seeds);
    println!("{total}");
    if total.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
