//! Writes the manual pages and the completion scripts of `gh-bypass`.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Command, CommandFactory, ValueEnum};
use clap_complete::Shell;
use clap_mangen::Man;
use roff::{Roff, roman};

/// The command line of `gh-bypass`.
#[path = "../../../crates/gh-bypass/src/args.rs"]
mod args;

/// The default folder for the files.
pub(crate) const FOLDER: &str = "target/gh-bypass";
/// The folder of the manual pages. `man` expects this name within a folder of its search path.
const PAGES: &str = "man1";
const SCRIPTS: &str = "completions";

/// Writes a manual page for each command, and a completion script for each shell.
pub(crate) fn write(folder: &Path) -> Result<ExitCode> {
    let mut command = args::Args::command().disable_help_subcommand(true);
    let (pages, scripts) = (folder.join(PAGES), folder.join(SCRIPTS));
    for folder in [&pages, &scripts] {
        fs::create_dir_all(folder)
            .with_context(|| format!("failed to create {}", folder.display()))?;
    }
    let name = command.get_name().to_owned();
    for shell in Shell::value_variants() {
        clap_complete::generate_to(*shell, &mut command, &name, &scripts)
            .with_context(|| format!("failed to write the completion script for {shell}"))?;
    }
    command.build();
    write_pages(&command, &pages)?;
    println!("wrote {}", folder.display());
    Ok(ExitCode::SUCCESS)
}

/// Writes the page of a command and those of its subcommands.
fn write_pages(command: &Command, folder: &Path) -> Result<()> {
    let man = Man::new(command.clone());
    let file = folder.join(man.get_filename());
    let page = page(&man, command)?;
    fs::write(&file, page).with_context(|| format!("failed to write {}", file.display()))?;
    for subcommand in command.get_subcommands() {
        write_pages(subcommand, folder)?;
    }
    Ok(())
}

fn page(man: &Man, command: &Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    man.render_options_section(&mut page)?;
    // `Man` would join the lines of the examples and tables.
    let text = command
        .get_after_long_help()
        .or_else(|| command.get_after_help());
    sections(&text.map(ToString::to_string).unwrap_or_default()).to_writer(&mut page)?;
    Ok(page)
}

/// Turns each paragraph at the end of a help text into a section.
///
/// A paragraph is plain text, or a title with a colon and lines that stay as they are.
fn sections(text: &str) -> Roff {
    let mut roff = Roff::default();
    let mut is_in_notes = false;
    for paragraph in text.split("\n\n") {
        match paragraph.split_once(":\n") {
            Some((title, lines)) => {
                is_in_notes = false;
                roff.control("SH", [title.to_uppercase().as_str()]);
                roff.control("nf", []);
                roff.extend(lines.lines().map(line));
                roff.control("fi", []);
            }
            None if paragraph.is_empty() => {}
            None => {
                if is_in_notes {
                    roff.control("PP", []);
                } else {
                    roff.control("SH", ["NOTES"]);
                }
                is_in_notes = true;
                roff.text([roman(paragraph)]);
            }
        }
    }
    roff
}

fn line(text: &str) -> Roff {
    let mut roff = Roff::default();
    roff.text([roman(text)]);
    roff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_a_page_with_its_options_and_examples() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path()).expect("the pages");
        let page = |name: &str| {
            let file = folder.path().join(PAGES).join(format!("{name}.1"));
            fs::read_to_string(file).expect(name)
        };
        let command = args::Args::command();
        assert!(command.get_subcommands().count() > 1);
        for command in command.get_subcommands() {
            let page = page(&format!("gh-bypass-{}", command.get_name()));
            let about = command.get_about().expect("a description").to_string();
            let start = &about[..about.find([',', '-']).unwrap_or(about.len())];
            for part in [start, ".SH OPTIONS", ".SH EXAMPLES\n.nf\n"] {
                assert!(page.contains(part), "{part:?} is missing:\n{page}");
            }
        }
        let main = page("gh-bypass");
        for part in [
            ".SH \"EXIT CODES\"\n.nf\n",
            ".SH \"ENVIRONMENT VARIABLES\"\n.nf\n",
        ] {
            assert!(main.contains(part), "{part:?} is missing:\n{main}");
        }
    }

    #[test]
    fn each_shell_has_a_completion_script_that_knows_the_commands() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path()).expect("the scripts");
        let scripts = fs::read_dir(folder.path().join(SCRIPTS)).expect("the scripts");
        let scripts: Vec<String> = scripts
            .map(|script| fs::read_to_string(script.expect("a script").path()).expect("text"))
            .collect();
        assert_eq!(scripts.len(), 5);
        for script in scripts {
            for command in args::Args::command().get_subcommands() {
                assert!(script.contains(command.get_name()), "{script}");
            }
        }
    }

    #[test]
    fn a_paragraph_at_the_end_of_a_help_text_is_a_section() {
        let page = sections("It is plain\ntext.\n\nExit codes:\n  0  done\n  .1 failed").to_roff();
        let expected =
            ".SH NOTES\nIt is plain\ntext.\n.SH \"EXIT CODES\"\n.nf\n  0  done\n  .1 failed\n.fi\n";
        assert!(page.ends_with(expected), "{page}");
        assert!(!sections("").to_roff().contains(".SH"));
    }
}
