//! `gh bypass review`: goes through the open requests one by one.

mod history;
mod loader;
mod screen;
mod session;

use std::io::IsTerminal;

use chrono::{DateTime, Utc};

use crate::args::{Args, Kind, Review, Status};
use crate::command::review::loader::Loader;
use crate::command::review::session::ReviewSession;
use crate::failure::{Failure, Result};
use crate::github::filter::Filter;
use crate::github::scope::Place;
use crate::github::session::Session;
use crate::terminal::{Terminal, prompt, variable, warn};
use crate::write::message;
use crate::write::writer::Writer;

/// The largest page of GitHub's lists.
const MAX_PAGE: u32 = 100;

pub(crate) async fn run(
    args: &Args,
    review: &Review,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<()> {
    prompt::require(
        terminal,
        "`review` needs a terminal; in a script, use `list` and `approve` or `reject`",
    )?;
    if !std::io::stdout().is_terminal() {
        return Err(Failure::usage(
            "`review` needs a terminal as its standard output",
        ));
    }
    if variable("TERM").is_some_and(|term| term == "dumb") {
        return Err(Failure::usage(
            "`review` needs a terminal that can move the cursor",
        ));
    }
    if let Some(message) = &review.message {
        message::check(message).map_err(Failure::usage)?;
    }
    let filter = Filter::new(&review.filter, Status::Open, now)?;
    let place = Place::find(args, &review.scope, terminal)?;
    let session = Session::open(args.demo, place.host.as_deref(), terminal).await?;
    let writer = Writer::new(&session, review.audit.as_deref())?;
    let client = &session.client;
    let open = filter
        .queue(client, &place.scope)
        .per_page(MAX_PAGE)
        .stream();
    let month = place
        .scope
        .queue(client, Kind::All)
        .per_page(MAX_PAGE)
        .stream();
    let loader = Loader::start(open, month);
    let message = review.message.clone().unwrap_or_default();
    let mut review = ReviewSession::open(&session, writer, loader, terminal, &place, message)?;
    let result = review.run().await;
    let summary = review.summary();
    // Restores the terminal before anything is printed.
    drop(review);
    for line in &summary.lines {
        warn(line);
    }
    result?;
    summary
        .code
        .map_or(Ok(()), |code| Err(Failure::Reported(code)))
}
