//! Prints what happens to the requests of an organization, of both kinds, until you press Ctrl-C.
//!
//! ```text
//! cargo run -p github-bypass-requests --example watch -- octo-org
//! ```
//!
//! The next run continues from the cursor in the file `.watch-octo-org.json`. Without a token in the
//! environment, each run uses a new fake GitHub, so there is nothing to continue.

mod connect;

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::{env, fs, pin::pin};

use github_bypass_requests::QueueCursor;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (client, _fake) = connect::connect().await?;
    let organization = env::args().nth(1).unwrap_or_else(|| "octo-org".to_owned());
    let file = PathBuf::from(format!(".watch-{organization}.json"));
    let with_name = |error| format!("{}: {error}", file.display());
    let cursor = load(&file).map_err(with_name)?;

    let queue = client.organization(organization).queue();
    let mut events = queue.watch().resume(cursor).events();
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    loop {
        let event = tokio::select! {
            event = events.try_next() => event,
            _ = &mut interrupted => return Ok(()),
        };
        match event {
            Ok(Some(event)) => {
                if let Some(line) = event.summary() {
                    // Other people wrote parts of the text, so escape its control characters.
                    writeln!(io::stdout(), "{}", line.escape_debug())?;
                }
                // Save only now: if the event is not printed, the next run prints it.
                save(&file, &events.cursor()).map_err(with_name)?;
            }
            Ok(None) => return Err("no list can be read".into()),
            // One list has failed. The others go on.
            Err(error) => eprintln!("error: {error}"),
        }
    }
}

/// Loads the cursor of the previous run, if there is one.
fn load(file: &Path) -> io::Result<QueueCursor> {
    match fs::read(file) {
        Ok(saved) => Ok(serde_json::from_slice(&saved)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(QueueCursor::default()),
        Err(error) => Err(error),
    }
}

/// Saves the cursor. The file is always complete, even if the process stops while it saves.
fn save(file: &Path, cursor: &QueueCursor) -> io::Result<()> {
    let new = file.with_extension("new");
    fs::write(&new, serde_json::to_vec(cursor)?)?;
    fs::rename(&new, file)
}
