//! `gh bypass completion`: prints a completion script.

use clap::CommandFactory;

use crate::args::{Args, Completion};
use crate::failure::Result;
use crate::terminal::print;

pub(crate) fn run(completion: &Completion) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(
        completion.shell,
        &mut Args::command(),
        "gh-bypass",
        &mut script,
    );
    print(String::from_utf8_lossy(&script).trim_end())
}
