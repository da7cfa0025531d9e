//! `gh bypass report`: summarizes up to a month of requests.

mod counts;
mod csv;
mod destination;
mod html;
mod json;
mod markdown;
mod style;
mod summary;
mod text;

use std::io::Write;

use chrono::{DateTime, Utc};
use github_bypass_requests::{AnyBypassRequest, QueueStream};

use crate::args::{Args, Format, Report, Status};
use crate::command::report::counts::Counts;
use crate::command::report::csv::Rows;
use crate::command::report::destination::{Destination, failure};
use crate::command::report::summary::{Summary, filters};
use crate::failure::{Failure, Result};
use crate::github::filter::Filter;
use crate::github::read::{self, Extent, Next};
use crate::github::scope::{Place, Scope};
use crate::github::session::Session;
use crate::terminal::termination::Termination;
use crate::terminal::{Terminal, pager};

/// The largest page size that GitHub's lists accept.
const MAX_PAGE: u32 = 100;

/// The number of pages to read ahead.
const READ_AHEAD: u32 = 8;

pub(crate) async fn run(
    args: &Args,
    report: &Report,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<()> {
    let filter = Filter::new(&report.filter, Status::All, now)?;
    let place = Place::find(args, &report.scope, terminal)?;
    let destination = Destination::open(report.output.as_deref())?;
    let is_file = destination.path().is_some();
    // The rows of a CSV report are printed while they are read.
    let prints_rows = report.format == Format::Csv && !is_file && terminal.is_terminal();
    let quiet = terminal.quiet();
    let session = Session::open(args.demo, place.host.as_deref(), terminal).await?;
    let queue = filter.queue(&session.client, &place.scope);
    let reader = Reader {
        session: &session,
        stream: queue.per_page(MAX_PAGE).read_ahead(READ_AHEAD).stream(),
        terminal: if prints_rows { &quiet } else { terminal },
    };
    let written = async {
        let render: Render = match report.format {
            Format::Csv => return rows(reader, destination).await,
            Format::Text => |summary, terminal| Ok(text::render(summary, terminal)),
            Format::Markdown => |summary, _| Ok(markdown::render(summary)),
            Format::Json => |summary, _| json::render(summary),
            Format::Html => |summary, _| Ok(html::render(summary)),
        };
        let counted = count(reader, report, &place.scope, now).await?;
        write(&counted, render, destination, terminal)
    };
    if !is_file {
        return written.await;
    }
    let mut termination = Termination::new();
    // After a signal, the destination is dropped, which removes its temporary file.
    tokio::select! {
        written = written => written,
        () = termination.recv() => Err(Failure::failed("ended by a signal; the file was not written")),
        Ok(()) = tokio::signal::ctrl_c() => Err(Failure::failed("interrupted; the file was not written")),
    }
}

struct Reader<'a> {
    session: &'a Session,
    stream: QueueStream,
    terminal: &'a Terminal,
}

impl Reader<'_> {
    /// Reads all requests. Fails if nothing could be read.
    async fn read(
        &mut self,
        receive: impl FnMut(AnyBypassRequest) -> Result<Next>,
    ) -> Result<Extent> {
        let extent = read::each(self.session, &mut self.stream, self.terminal, receive).await?;
        extent.check()?;
        Ok(extent)
    }
}

/// Writes a row for each request.
async fn rows(mut reader: Reader<'_>, mut destination: Destination) -> Result<()> {
    let path = destination.path().map(ToOwned::to_owned);
    let failed = |error| failure(path.as_deref(), &error);
    let mut rows = Rows::new(&mut destination);
    let receive = |request| {
        rows.write(&request).map_err(failed)?;
        Ok(Next::Continue)
    };
    let extent = reader.read(receive).await?;
    rows.finish().map_err(failed)?;
    drop(rows);
    destination.finish().map_err(failed)?;
    extent.finish()
}

/// Formats a summary, for this terminal if there is one.
type Render = fn(&Summary<'_>, Option<&Terminal>) -> Result<String>;

/// A summary, and how much of the queue it covers.
struct Counted<'a> {
    summary: Summary<'a>,
    extent: Extent,
}

async fn count<'a>(
    mut reader: Reader<'_>,
    report: &Report,
    scope: &'a Scope,
    now: DateTime<Utc>,
) -> Result<Counted<'a>> {
    let mut counts = Counts::new(now);
    let receive = |request| {
        counts.add(&request);
        Ok(Next::Continue)
    };
    let extent = reader.read(receive).await?;
    let summary = Summary {
        scope,
        filters: filters(&report.filter),
        read_at: now,
        is_complete: !extent.is_incomplete() && reader.stream.missing_organizations().is_empty(),
        counts,
    };
    Ok(Counted { summary, extent })
}

fn write(
    counted: &Counted<'_>,
    render: Render,
    mut destination: Destination,
    terminal: &Terminal,
) -> Result<()> {
    let summary = &counted.summary;
    match destination.path().map(ToOwned::to_owned) {
        None => pager::show(terminal, &render(summary, Some(terminal))?)?,
        Some(path) => {
            let text = render(summary, None)?;
            let written = destination.write_all(text.as_bytes());
            written
                .and_then(|()| destination.finish())
                .map_err(|error| failure(Some(&path), &error))?;
        }
    }
    counted.extent.finish()
}
